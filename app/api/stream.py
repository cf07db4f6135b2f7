"""Server-sent events of one analysis (https://html.spec.whatwg.org/multipage/server-sent-events.html).

hub.watch → one shared read of view and new events per tick → each client: what it has not seen, then progress
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from pydantic import BaseModel
from sqlmodel import Session

from app.core import bus, edge, hub
from app.core.errors import NotFound, NotSignedIn, TooMany
from app.core.topic import Update
from app.services import analyses, timeline
from app.services.access import Actor
from app.services.contract import AnalysisView, DegradedView, EventView, ProgressView
from app.services.transitions import ANALYSIS_CLOSED

HEARTBEAT_SECONDS = 15.0
CHECK_CALLER_SECONDS = 15.0
"""How often it is asked whether the key or session is still good."""
MAX_STREAMS = 100
"""Open streams of one workspace in this process."""
BATCH = 200
"""Events read at once, and kept for clients that are a little behind."""

_open: Counter[str] = Counter()


class ProgressEvent(BaseModel):
    """The numbers of an analysis that change while it runs. Money in micro-USD."""

    id: str
    status: str
    progress: ProgressView
    degraded: list[DegradedView]
    items: int
    opportunities: int
    cap_micros: int
    spent_micros: int
    reserved_micros: int
    mode: str
    """`live`, `polling` or `offline`."""
    every_seconds: float | None


class EndEvent(BaseModel):
    """Nothing more will come."""

    id: str
    status: str
    error: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An analysis and the newest lines of its timeline, read at one moment."""

    view: AnalysisView
    recent: tuple[EventView, ...]
    last: int
    """Sequence number of the newest line; 0 when there is none."""

    @property
    def closed(self) -> bool:
        """Whether the analysis has ended."""
        return self.view.status in ANALYSIS_CLOSED


async def follow(
    actor: Actor, analysis_id: str, *, after: int, still: Callable[[], Awaitable[Actor]]
) -> AsyncIterator[str]:
    """Return the lines of the stream; the first reading is done when this returns.

    Args:
        actor: Who follows.
        analysis_id: What is followed.
        after: Sequence number of the last event that the client has; 0 replays all.
        still: Finds the caller again; while the stream is open it is asked now and then.

    Raises:
        NotFound: There is no such analysis in the actor's workspace.
        TooMany: The workspace has too many streams open.
    """
    if _open[actor.workspace_id] >= MAX_STREAMS:
        raise TooMany(
            f"Your workspace has {MAX_STREAMS} streams open; close one and try again.", retry_after=HEARTBEAT_SECONDS
        )
    tail = _Tail(actor, analysis_id)
    updates = hub.watch(
        bus.analysis_channel(analysis_id),
        tail.load,
        busy=lambda snapshot: not snapshot.closed,
        key=("stream", actor.workspace_id, actor.role),
    )
    first = await anext(updates)
    return _lines(_Follower(actor, analysis_id, after, still), first, updates)


class _Tail:
    """Reads the view and what the timeline has gained; keeps the last lines for all who share the reading."""

    def __init__(self, actor: Actor, analysis_id: str) -> None:
        self._actor = actor
        self._analysis_id = analysis_id
        self._last = 0
        self._recent: deque[EventView] = deque(maxlen=BATCH)

    async def load(self) -> Snapshot:
        view, new = await edge.read(_view_and_events, self._actor, self._analysis_id, self._last)
        if new:
            self._recent.extend(new)
            self._last = new[-1].sequence
        return Snapshot(view, tuple(self._recent), self._last)


class _Follower:
    """What one client has seen, and what it is still owed."""

    def __init__(self, actor: Actor, analysis_id: str, after: int, still: Callable[[], Awaitable[Actor]]) -> None:
        self.actor = actor
        self._analysis_id = analysis_id
        self._after = after
        self._still = still
        self._checked_at = time.monotonic()
        self._progress = ""

    async def news(self, update: Update[Snapshot]) -> AsyncIterator[str]:
        """Give the blocks that the client has not seen."""
        snapshot = update.value
        async for event in self._unseen(snapshot):
            self._after = event.sequence
            yield _block("timeline", event.model_dump_json(), event.sequence)
        progress = _progress(update)
        if progress != self._progress:
            self._progress = progress
            yield _block("progress", progress)
        if snapshot.closed:
            view = snapshot.view
            yield _block("end", EndEvent(id=view.id, status=view.status, error=view.error).model_dump_json())

    async def still_welcome(self) -> bool:
        """Return whether the caller's key or session is good, asked at most every few seconds."""
        if time.monotonic() - self._checked_at < CHECK_CALLER_SECONDS:
            return True
        self._checked_at = time.monotonic()
        with suppress(NotSignedIn):
            return (await self._still()).workspace_id == self.actor.workspace_id
        return False

    async def _unseen(self, snapshot: Snapshot) -> AsyncIterator[EventView]:
        self._after = min(self._after, snapshot.last)  # a client may claim to have seen the future
        missing = snapshot.last - self._after
        if missing > len(snapshot.recent):  # further behind than what is kept: this client reads for itself, once
            for event in await edge.read(_events, self.actor, self._analysis_id, self._after):
                yield event
        elif missing:
            for event in snapshot.recent[-missing:]:
                yield event


async def _lines(
    follower: _Follower, first: Update[Snapshot], updates: AsyncGenerator[Update[Snapshot], None]
) -> AsyncIterator[str]:
    workspace = follower.actor.workspace_id
    _open[workspace] += 1
    pending: asyncio.Task[Update[Snapshot]] | None = None
    try:
        update: Update[Snapshot] | None = first
        yield "retry: 2000\n\n"
        while await follower.still_welcome():
            if update is None:
                yield ": heartbeat\n\n"
            else:
                async for block in follower.news(update):
                    yield block
                if update.value.closed:
                    return
            pending = pending or asyncio.ensure_future(anext(updates))
            done, _ = await asyncio.wait({pending}, timeout=HEARTBEAT_SECONDS)
            update = pending.result() if done else None
            pending = None if done else pending
    except NotFound:
        return
    finally:
        _open[workspace] -= 1
        if pending is not None:
            pending.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await pending
        await updates.aclose()


def _view_and_events(
    session: Session, actor: Actor, analysis_id: str, after: int
) -> tuple[AnalysisView, list[EventView]]:
    # The view first: when it says that all is over, the events read after it hold the last line.
    return analyses.view(session, actor, analysis_id), _events(session, actor, analysis_id, after)


def _events(session: Session, actor: Actor, analysis_id: str, after: int) -> list[EventView]:
    found: list[EventView] = []
    while True:
        batch = timeline.events(session, actor, analysis_id, after=after, limit=BATCH)
        found += batch
        if len(batch) < BATCH:
            return found
        after = batch[-1].sequence


def _progress(update: Update[Snapshot]) -> str:
    view = update.value.view
    return ProgressEvent(
        id=view.id,
        status=view.status,
        progress=view.progress,
        degraded=view.degraded,
        items=view.results.items,
        opportunities=len(view.results.opportunities),
        cap_micros=view.cost.cap_micros,
        spent_micros=view.cost.spent_micros,
        reserved_micros=view.cost.reserved_micros,
        mode=update.mode.value,
        every_seconds=update.every_seconds,
    ).model_dump_json()


def _block(kind: str, data: str, sequence: int | None = None) -> str:
    number = "" if sequence is None else f"id: {sequence}\n"
    return f"{number}event: {kind}\ndata: {data}\n\n"
