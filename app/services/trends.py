"""How topics change over the time that an analysis covers."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

from pydantic import Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from app.models import Item
from app.services import results
from app.services.access import Action, Actor, require
from app.services.contract import Contract, TopicView
from app.services.ownership import owned_analysis
from app.services.pipeline.trend import Direction, trend
from app.services.reading import worth_weighing

PERIODS = 8
"""Most periods of an analysis; shorter ones have one a day."""


class PeriodCounts(Contract):
    """Items of a topic in some days, both included."""

    first: date
    last: date
    items: int
    negative: int
    positive: int
    share: float = Field(description="Of all items in these days that were judged, 0 to 1.")


class TrendView(Contract):
    """Whether a topic is spoken of more as time goes on."""

    direction: Direction = Field(description="`unclear` when the interval holds 1, or there is too little to say.")
    ratio: float | None = Field(
        description="Odds of an item to belong to it, at the end by those at the start; null: too little to say."
    )
    interval: tuple[float, float] | None = Field(description="95 % interval of the ratio.")
    periods: list[PeriodCounts] = Field(description="Oldest first, the same for all topics, without gaps.")


class TopicOverTime(TopicView):
    """A topic with its change over time."""

    trend: TrendView


def topics(session: Session, actor: Actor, analysis_id: str) -> list[TopicOverTime]:
    """Return the topics, largest first, with how each changes over time. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    counts, every = _by_day(session, analysis.id)
    periods = _periods(sorted(every))
    return [
        TopicOverTime(**topic.model_dump(), trend=_trend(counts[topic.number], every, periods))
        for topic in results.topics(session, actor, analysis.id)
    ]


_Days = dict[date, Counter[str]]


def _by_day(session: Session, analysis_id: str) -> tuple[dict[int, _Days], dict[date, int]]:
    """Return by topic and day the items of each label, and by day how many items were judged."""
    day = (
        func.to_char(Item.posted_at, "YYYY-MM-DD")
        if session.get_bind().dialect.name == "postgresql"
        else func.strftime("%Y-%m-%d", Item.posted_at)
    ).label("day")
    rows = session.execute(
        select(day, Item.topic_number, Item.sentiment_label, func.count())
        .where(Item.analysis_id == analysis_id, *worth_weighing())
        .group_by(day, col(Item.topic_number), col(Item.sentiment_label))
    )
    by_topic: dict[int, _Days] = defaultdict(lambda: defaultdict(Counter))
    every: Counter[date] = Counter()
    for moment, number, label, count in rows:
        when = date.fromisoformat(moment)
        every[when] += int(count)
        if number is not None:
            by_topic[number][when][str(label)] += int(count)
    return by_topic, every


def _periods(days: list[date]) -> list[tuple[date, date]]:
    """Cut the days from the first to the last into at most `PERIODS` runs, of lengths that differ by one day."""
    if not days:
        return []
    length = (days[-1] - days[0]).days + 1
    count = min(PERIODS, length)
    starts = [days[0] + timedelta(days=length * place // count) for place in range(count + 1)]
    return [(start, after - timedelta(days=1)) for start, after in pairwise(starts)]


def _trend(days: _Days, every: dict[date, int], periods: list[tuple[date, date]]) -> TrendView:
    shown = []
    totals = []
    for first, last in periods:
        moods: Counter[str] = Counter()
        for when, labels in days.items():
            if first <= when <= last:
                moods += labels
        total = sum(count for when, count in every.items() if first <= when <= last)
        items = moods.total()
        totals.append(total)
        shown.append(
            PeriodCounts(
                first=first,
                last=last,
                items=items,
                negative=moods["negative"],
                positive=moods["positive"],
                share=round(items / total, 4) if total else 0.0,
            )
        )
    found = trend([period.items for period in shown], totals)
    return TrendView(direction=found.direction, ratio=found.ratio, interval=found.interval, periods=shown)
