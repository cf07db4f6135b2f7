from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import BaseModel

from integrations.contracts import Scope
from integrations.paging import at_most, in_range, is_enough, says_any, taken_up, within_limit

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


class Progress(BaseModel):
    page: int = 0


def test_reading_goes_on_where_the_cursor_says() -> None:
    assert taken_up(Progress, {"page": 3}) == Progress(page=3)


@pytest.mark.parametrize("cursor", [None, {"page": "the third"}])
def test_without_a_cursor_that_is_understood_reading_begins(cursor) -> None:
    assert taken_up(Progress, cursor) is None


@pytest.mark.parametrize(
    ("limit", "read", "first", "second"),
    [
        (None, 5, ["a", "b"], ["c", "d"]),
        (9, 5, ["a", "b"], ["c", "d"]),
        (8, 5, ["a", "b"], ["c"]),
        (7, 5, ["a", "b"], []),
        (6, 5, ["a"], []),
        (5, 5, [], []),
    ],
)
def test_a_page_is_cut_at_its_end_where_enough_was_read(limit, read, first, second) -> None:
    assert within_limit(Scope(item_limit=limit), read, ["a", "b"], ["c", "d"]) == (first, second)


@pytest.mark.parametrize(("limit", "enough", "most"), [(None, False, 5), (6, False, 5), (5, True, 5), (4, True, 4)])
def test_a_limit_ends_the_reading_and_bounds_what_is_expected(limit, enough, most) -> None:
    scope = Scope(item_limit=limit)

    assert (is_enough(scope, 5), at_most(scope, 5)) == (enough, most)


@pytest.mark.parametrize(
    ("seconds", "since", "until", "wanted"),
    [(0, NOON, None, True), (-1, NOON, None, False), (0, None, NOON, True), (1, None, NOON, False)],
)
def test_both_ends_of_the_time_are_part_of_it(seconds, since, until, wanted) -> None:
    assert in_range(Scope(since=since, until=until), NOON.timestamp() + seconds, float) is wanted


def test_nobody_asks_for_a_time_that_does_not_matter() -> None:
    assert in_range(Scope(), {}, lambda thing: thing["time"])


@pytest.mark.parametrize(("words", "said"), [("Restore fails in STRASSE", True), ("backup", False)])
def test_a_keyword_is_found_in_whatever_case(words, said) -> None:
    assert says_any(words, ["nothing", "straße"]) is said
