"""Topics over time as rows of a table: small bars, and the change in words. Pure functions from the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.services.trends import TopicOverTime, TrendView
from state.analysis_place import CLEAN, items_href

MAX_TOPICS = 12
"""As many as the chart of topics has bars."""


@dataclass(frozen=True)
class TrendRow:
    """One topic over time."""

    name: str
    href: str
    count: str
    direction: str
    words: str
    sure: str
    """The interval; empty when there is too little to say."""
    bars: list[str] = field(default_factory=list)
    """Height of each period's bar, as a share of the topic's highest."""
    counts: str = ""
    """The same in words, for who does not see the bars."""


def rows(topics: Sequence[TopicOverTime], analysis_id: str) -> list[TrendRow]:
    """Return the largest topics' rows; none when they cover fewer than two periods."""
    return [_row(topic, analysis_id) for topic in topics[:MAX_TOPICS] if len(topic.trend.periods) > 1]


def period(topics: Sequence[TopicOverTime]) -> str:
    """Return which days the bars stand for; empty without any."""
    periods = topics[0].trend.periods if topics else []
    return f"{periods[0].first:%-d %b %Y} to {periods[-1].last:%-d %b %Y}" if periods else ""


def _row(topic: TopicOverTime, analysis_id: str) -> TrendRow:
    highest = max(period.share for period in topic.trend.periods) or 1.0
    words, sure = _words(topic.trend)
    return TrendRow(
        name=topic.name,
        href=items_href(analysis_id, **CLEAN, topic=str(topic.number)),
        count=f"{topic.items:,}",
        direction=topic.trend.direction,
        words=words,
        sure=sure,
        bars=[f"{max(4, round(100 * period.share / highest))}%" for period in topic.trend.periods],
        counts="Items in each period: " + ", ".join(f"{period.items:,}" for period in topic.trend.periods),
    )


_UNSURE = 20
"""An interval wider than this says no more than that nothing is clear."""


def _words(trend: TrendView) -> tuple[str, str]:
    if trend.ratio is None or trend.interval is None:
        return "Too few items to say", ""
    low, high = trend.interval
    sure = f"{_times(low)} to {_times(high)} times"
    if trend.direction == "unclear":
        return "No clear change", "" if high > _UNSURE * low else sure
    # A ratio of odds, which for the small shares of topics is nearly the ratio of shares.
    return f"{trend.direction.capitalize()}, to about {_times(trend.ratio)} times its share at the start", sure


def _times(ratio: float) -> str:
    return f"{ratio:.1f}" if 0.1 <= ratio < 10 else f"{ratio:.2f}" if ratio < 0.1 else f"{ratio:.0f}"
