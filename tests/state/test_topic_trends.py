"""Topics over time in words and bars."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from app.services.trends import PeriodCounts, TopicOverTime, TrendView
from state.topic_trends import period, rows


def topic(direction="rising", ratio=2.44, interval=(1.3, 4.5), counts=(1, 2, 4), number=3) -> TopicOverTime:
    start = date(2026, 11, 1)
    periods = [
        PeriodCounts(
            first=start + timedelta(days=place),
            last=start + timedelta(days=place),
            items=count,
            negative=0,
            positive=0,
            share=count / 10,
        )
        for place, count in enumerate(counts)
    ]
    trend = TrendView(direction=direction, ratio=ratio, interval=interval, periods=periods)
    return TopicOverTime(id="x", number=number, name="Sync", terms=[], items=sum(counts), sentiment=None, trend=trend)


def test_a_row_has_bars_by_share_and_says_them_in_words():
    (row,) = rows([topic()], "an-id")
    assert row.bars == ["25%", "50%", "100%"]
    assert row.counts == "Items in each period: 1, 2, 4"
    assert "topic=3" in row.href


@pytest.mark.parametrize(
    ("direction", "ratio", "interval", "words", "sure"),
    [
        ("rising", 2.44, (1.3, 4.5), "Rising, to about 2.4 times its share at the start", "1.3 to 4.5 times"),
        ("falling", 0.04, (0.02, 0.5), "Falling, to about 0.04 times its share at the start", "0.02 to 0.5 times"),
        ("unclear", 1.2, (0.8, 14.2), "No clear change", "0.8 to 14 times"),
        ("unclear", 1.0, (0.0, 132.0), "No clear change", ""),
        ("unclear", None, None, "Too few items to say", ""),
    ],
)
def test_the_change_is_said_with_how_sure_it_is(direction, ratio, interval, words, sure):
    (row,) = rows([topic(direction, ratio, interval)], "an-id")
    assert (row.words, row.sure) == (words, sure)


def test_one_period_is_no_time():
    assert rows([topic(counts=(5,))], "an-id") == []
    assert rows([], "an-id") == []


def test_the_days_are_named():
    assert period([topic()]) == "1 Nov 2026 to 3 Nov 2026"
    assert period([]) == ""
