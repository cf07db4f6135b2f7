from __future__ import annotations

import pytest

from state import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (-4, "0 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5400, "2 h"), (200_000, "2 d")],
)
def test_a_length_of_time_is_said_in_the_unit_that_fits(seconds: float, said: str) -> None:
    assert words.lasting(seconds) == said


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (20, 40, "20-40 s"),
        (60, 120, "1-2 min"),
        (20, 120, "20 s - 2 min"),
        (5, 5, "5 s"),
        (240, 120, "2-4 min"),
        (0, 9, "0-9 s"),
    ],
)
def test_a_band_of_seconds_names_its_unit_once_where_it_can(low: float, high: float, said: str) -> None:
    assert words.band(low, high) == said.replace("-", words.TO)


def test_counts_carry_their_unit() -> None:
    assert words.counted(1, "item") == "1 item"
    assert words.counted(2140, "item") == "2,140 items"
    assert words.counted(2, "entry", "entries") == "2 entries"


def test_a_count_above_a_thousand_is_not_pretended_to_be_exact() -> None:
    assert words.capped(1000) == "1,000"
    assert words.capped(1001) == "1,000+"


@pytest.mark.parametrize(("fraction", "percent"), [(0, 0), (0.004, 0), (0.5, 50), (0.999, 99), (1, 100), (1.2, 100)])
def test_only_what_is_finished_reads_as_hundred_percent(fraction: float, percent: int) -> None:
    assert words.percent(fraction) == percent


def test_a_sample_place_is_named_without_its_mark_which_the_page_has_already() -> None:
    assert words.place_name("SAMPLE · Closet Datacenter") == "Closet Datacenter"
    assert words.place_name("r/SAMPLE") == "r/SAMPLE"


def test_what_shows_counted_items_agrees_with_their_number() -> None:
    assert [words.these(1), words.these(21)] == ["Show this item", "Show these 21 items"]
