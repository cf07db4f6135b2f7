"""The timeline: what happened, in order. It is read only while it is open."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

import reflex as rx
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError
from app.services import timeline
from app.services.access import Actor
from app.services.contract import EventView
from state.analysis_live import Watching, view_of
from state.analysis_tables import EventRow, event_row
from state.gate import event

MAX_LINES = 100
_READ_AT_ONCE = 200


class TimelineState(Watching, rx.State):
    """The last lines of the timeline, the newest first."""

    opened: bool = False
    lines: list[EventRow] = []
    earlier: int = 0
    """Lines before those that are shown."""
    _last: int = 0

    @event(background=True)
    async def watch(self) -> Any:
        """Add lines as they are written, as long as the timeline is open."""
        place = self._place()
        analysis_id = place.analysis_id
        async with self:
            if self._enter(place):
                self._last = 0
                self._assign({"opened": False, "lines": [], "earlier": 0})
        try:
            async for _ in self._follow(view_of(analysis_id)):
                async with self:
                    opened, last = self.opened, self._last
                if not opened:
                    continue
                news = await self._steady(edge.read(_newest, await self._actor(), analysis_id, last))
                if news is None:
                    continue
                async with self:
                    self._add(news)
        except AppError as error:
            yield await self._refused(error)

    @event
    async def toggle(self) -> None:
        """Open or close it."""
        self.opened = not self.opened
        if not self.opened:
            return
        try:
            self._add(await edge.read(_newest, await self._actor(), self._place().analysis_id, self._last))
        except AppError as error:
            self._assign({"problem": error.message, "loaded": True})

    def _add(self, news: Sequence[EventView]) -> None:
        fresh = [event_row(each) for each in reversed(news) if each.sequence > self._last]
        if fresh:
            self._last = fresh[0].sequence
            self.lines = [*fresh, *self.lines][:MAX_LINES]
            self.earlier = self._last - len(self.lines)
        self._assign({"loaded": True, "problem": ""})


def _newest(session: Session, actor: Actor, analysis_id: str, after: int) -> list[EventView]:
    """Return the last lines after number `after`, oldest first."""
    last: deque[EventView] = deque(maxlen=MAX_LINES)
    while lines := timeline.events(session, actor, analysis_id, after=after, limit=_READ_AT_ONCE):
        last.extend(lines)
        after = lines[-1].sequence
        if len(lines) < _READ_AT_ONCE:
            break
    return list(last)
