"""Who wrote what, where the source names nobody."""

from __future__ import annotations

import dataclasses

import pytest

from app.services.pipeline.opportunity_metrics import assess
from app.services.pipeline.writers import by_whom, is_named, writer
from tests.app.services.pipeline.test_mind_changers import items


@pytest.mark.parametrize(
    ("people", "unnamed", "said"),
    [
        (1, 0, "1 person"),
        (1_200, 0, "1,200 people"),
        (9, 3, "6 people and 3 not named"),
        (2, 1, "1 person and 1 not named"),
        (8, 8, "people not named"),
    ],
)
def test_who_wrote_is_said(people: int, unnamed: int, said: str) -> None:
    assert by_whom(people, unnamed) == said


def test_items_without_an_author_are_told_apart_and_are_no_people() -> None:
    records = [dataclasses.replace(record, author=None) for record in items(8, authors=8)]
    assert len({writer(record) for record in records}) == 8
    assert not any(is_named(writer(record)) for record in records)
    numbers = assess(records, {}, total=100, against=0)
    assert (numbers.authors, numbers.unnamed) == (8, 8)
    assert "market_size" not in numbers.metrics


def test_market_size_is_made_of_people_who_are_named() -> None:
    named = items(40, authors=40)
    half = [*named[:20], *(dataclasses.replace(record, author=None) for record in named[20:])]
    of_all, of_half = (
        assess(records, {}, total=100, against=0).metrics["market_size"].value for records in (named, half)
    )
    assert of_half < of_all
    assert of_half == assess(named[:20], {}, total=100, against=0).metrics["market_size"].value
