"""The Overview tab: two charts and their tables."""

from __future__ import annotations

from typing import Any

import reflex as rx
from plotly.graph_objects import Figure
from sqlmodel import Session

from app.core.errors import AppError
from app.services import results, trends
from app.services.access import Actor
from app.services.contract import OverviewView
from app.services.trends import TopicOverTime
from state import figures, topic_trends
from state.analysis_live import Watching, part_of
from state.analysis_place import CLEAN, items_href
from state.analysis_tables import StackRow, stack_row
from state.figures import SENTIMENTS, Stack
from state.gate import event
from state.topic_trends import TrendRow

MAX_DAYS = 100
MAX_TOPICS = 100


class OverviewState(Watching, rx.State):
    """Items per day, and topics by size, each split by sentiment."""

    days_figure: Figure = Figure()
    topics_figure: Figure = Figure()
    days: list[StackRow] = []
    topics: list[StackRow] = []
    items_href: str = ""
    """The items that the charts count; a row's `only` and a sentiment narrow them."""
    earlier_days: int = 0
    """Days before those that are shown; the Items tab has their items."""
    more_topics: int = 0
    """Topics that the chart has no room for; the table has them."""
    trends: list[TrendRow] = []
    trend_period: str = ""
    """The days that the trends cover."""
    _overview: tuple[OverviewView, list[TopicOverTime]] | None = None

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the sums while the tab is open."""
        place = self._place()
        if place.tab != "overview":
            return
        async with self:
            self._enter(place)
        try:
            async for update in self._follow(part_of(place.analysis_id, "overview", _read)):
                if update.value == self._overview and self.loaded:
                    continue
                async with self:
                    self._overview = update.value
                    self._show(place.analysis_id, *update.value)
        except AppError as error:
            yield await self._refused(error)

    @event
    async def open_day(self, bar: int, trace: int) -> Any:
        """Open the items of a bar of the first chart."""
        return self._open(self.days, bar, trace)

    @event
    async def open_topic(self, bar: int, trace: int) -> Any:
        """Open the items of a bar of the second chart."""
        return self._open(self.topics, bar, trace)

    def _open(self, rows: list[StackRow], bar: int, trace: int) -> Any:
        if not (0 <= bar < len(rows) and 0 <= trace < len(SENTIMENTS)) or rows[bar].counts[trace] == "0":
            return None
        return rx.redirect(f"{self.items_href}&{rows[bar].only}&sentiment={SENTIMENTS[trace]}")

    def _show(self, analysis_id: str, overview: OverviewView, over_time: list[TopicOverTime]) -> None:
        days = {day.day.isoformat(): day for day in overview.days[-MAX_DAYS:]}
        day_bars = [Stack(label, day.negative, day.neutral, day.positive, day.unscored) for label, day in days.items()]
        topics = overview.topics[:MAX_TOPICS]
        topic_bars = [
            Stack(
                each.name,
                each.negative,
                each.neutral,
                each.positive,
                each.items - each.negative - each.neutral - each.positive,
            )
            for each in topics
        ]
        self.days_figure = figures.days(day_bars)
        self.topics_figure = figures.topics(topic_bars)
        self._assign(
            {
                "days": [stack_row(bar, day=bar.label) for bar in day_bars],
                "topics": [
                    stack_row(bar, topic=str(each.number)) for bar, each in zip(topic_bars, topics, strict=True)
                ],
                "items_href": items_href(analysis_id, **CLEAN),
                "earlier_days": len(overview.days) - len(days),
                "more_topics": max(0, len(topics) - figures.MAX_TOPICS),
                "trends": topic_trends.rows(over_time, analysis_id),
                "trend_period": topic_trends.period(over_time),
                "loaded": True,
                "problem": "",
            }
        )


def _read(session: Session, actor: Actor, analysis_id: str) -> tuple[OverviewView, list[TopicOverTime]]:
    return results.overview(session, actor, analysis_id), trends.topics(session, actor, analysis_id)
