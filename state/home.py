"""The list of analyses, live."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import reflex as rx
import structlog

from app.core import bus, edge, hub
from app.core.clock import rfc3339
from app.core.errors import AppError, NotSignedIn
from app.core.money import dollars
from app.core.paging import Page
from app.core.topic import Update, polling_delay
from app.models import AnalysisStatus
from app.services import analyses
from app.services.contract import AnalysisRow
from app.services.transitions import ANALYSIS_CLOSED
from state import words
from state.base import Base
from state.gate import SIGN_IN, event
from state.live import Live

log = structlog.get_logger(__name__)

PAGE_SIZE = 50
SHOWN_SOURCES = 2
UNREADABLE = "The list cannot be read just now: the database does not answer. This page asks again by itself."
LOOKED_FOR = frozenset({AnalysisStatus.COMPLETED, AnalysisStatus.PARTIAL})
"""Only these have been searched for opportunities to the end: none in them is a result."""
UNKNOWN = "\N{EN DASH}"
TONES = {
    "completed": "good",
    "partial": "wait",
    "failed": "bad",
    "running": "busy",
    "estimating": "busy",
    "cancelled": "quiet",
}


@dataclass(frozen=True)
class HomeRow:
    """One analysis as the list says it."""

    href: str
    question: str
    sources: str
    status: str
    sample: bool
    percent: int
    tone: str
    item_count: str
    opportunities: str
    spent: str
    cap: str
    created_at: str


def row(found: AnalysisRow) -> HomeRow:
    """Return the words of one analysis."""
    more = len(found.sources) - SHOWN_SOURCES
    return HomeRow(
        href=f"/analyses/{found.id}",
        question=found.question,
        sources=" · ".join(found.sources[:SHOWN_SOURCES]) + (f" · +{more}" if more > 0 else ""),
        status=found.status,
        sample=found.sample,
        percent=words.percent(found.overall),
        tone=TONES.get(found.status, "wait"),
        item_count=f"{found.items:,}",
        opportunities=f"{found.opportunities:,}" if found.opportunities or found.status in LOOKED_FOR else UNKNOWN,
        spent=dollars(found.spent_micros),
        cap=dollars(found.cap_micros),
        created_at=rfc3339(found.created_at),
    )


def is_busy(page: Page[AnalysisRow]) -> bool:
    """Return whether a row is likely to change soon."""
    return any(found.status not in ANALYSIS_CLOSED for found in page.rows)


class Home(Live, Base, rx.State):
    """At most 50 analyses, newest first; `?cursor=` starts further back."""

    rows: list[HomeRow] = []
    loaded: bool = False
    error: str = ""
    further_back: bool = False
    """Whether newer analyses exist than the first one shown."""
    older_href: str = ""

    @rx.var
    def blank(self) -> bool:
        """Whether there is nothing yet at all."""
        return self.loaded and not self.rows and not self.further_back and not self.error

    @event(background=True)
    async def watch(self) -> Any:
        """Show the list, and again after each change."""
        cursor = self.router.url.query_parameters.get("cursor") or None
        async with self:
            self.error, self.mode = "", ""
            if self.further_back != bool(cursor):
                self.loaded, self.rows = False, []
            self.further_back = bool(cursor)
        misses = 0
        while True:
            try:
                async with aclosing(await self._updates(cursor)) as updates:
                    async for update in updates:
                        misses = 0
                        async with self:
                            self._show(update.value)
                            self._note_freshness(update)
            except NotSignedIn:
                yield rx.redirect(SIGN_IN)
                return
            except AppError as error:
                async with self:
                    self.error, self.loaded, self.mode = error.message, True, "none"
                return
            except Exception as error:  # noqa: BLE001 - whatever the database's driver raises, the page stays and asks again
                log.warning("home.unreadable", error=str(error) or type(error).__name__)
                async with self:
                    self.error, self.loaded, self.mode = UNREADABLE, True, "none"
                await asyncio.sleep(polling_delay(misses, busy=True))
                misses += 1

    async def _updates(self, cursor: str | None) -> AsyncGenerator[Update[Page[AnalysisRow]], None]:
        actor = await self._actor()

        async def load() -> Page[AnalysisRow]:
            return await edge.read(analyses.rows, actor, cursor=cursor, limit=PAGE_SIZE)

        channel = bus.workspace_channel(actor.workspace_id)
        return hub.watch(channel, load, busy=is_busy, key=("rows", actor.workspace_id, cursor))

    def _show(self, page: Page[AnalysisRow]) -> None:
        before = {shown.href: shown.percent for shown in self.rows}
        rows = [row(found) for found in page.rows]
        # A better estimate of a total is no step back in the work.
        rows = [replace(shown, percent=max(shown.percent, before.get(shown.href, 0))) for shown in rows]
        if self.rows != rows:
            self.rows = rows
        self.older_href = "/?" + urlencode({"cursor": page.next_cursor}) if page.next_cursor else ""
        self.loaded, self.error = True, ""
