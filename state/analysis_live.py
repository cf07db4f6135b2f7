"""What the states of the analysis page share: where the page is, and following what changes there.

A state's `watch` runs in the background from the page's `on_load`; Reflex ends it on navigation and disconnect. All
pages that show the same thing share one reading of it (`app.core.hub`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Any, TypeVar, cast

import reflex as rx
import structlog
from sqlmodel import Session

from app.core import bus, edge, hub
from app.core.errors import AppError, NotSignedIn, Unavailable
from app.core.topic import Update, polling_delay
from app.services import analyses
from app.services.access import Actor
from app.services.contract import AnalysisView
from app.services.transitions import ANALYSIS_CLOSED
from state.analysis_place import Place, parse
from state.base import Base

log = structlog.get_logger(__name__)
T = TypeVar("T")

SESSION_SECONDS = 5.0
"""An open page asks at most this often whether its session still holds."""
TAB_SECONDS = 2.0
"""A tab's own lists and sums are read at most this often, however often the analysis changes."""


class Watching(Base, mixin=True):
    """Mixin for the states of the analysis page."""

    loaded: bool = False
    problem: str = ""
    """Why the content cannot be shown, as a sentence; empty when it can."""
    _analysis_id: str = ""
    """Whose content it is: a browser's tab keeps its state when it goes on to another analysis."""

    def _place(self) -> Place:
        """Return what the browser's address asks for."""
        return parse(self.router.url.path, self.router.url.query_parameters)

    def _enter(self, place: Place) -> bool:
        """Forget the content of another analysis; return whether there was any. Call it inside `async with self`."""
        if self._analysis_id == place.analysis_id:
            return False
        self._analysis_id = place.analysis_id
        self._assign({"loaded": False, "problem": ""})
        return True

    def _assign(self, values: Mapping[str, Any]) -> None:
        """Set the variables that differ; what is equal is not sent again."""
        for name, value in values.items():
            if getattr(self, name) != value:
                setattr(self, name, value)

    async def _follow(self, watch: Callable[[Actor], AsyncIterator[Update[T]]]) -> AsyncIterator[Update[T]]:
        """Give each update of a topic for as long as the session holds; a failing database is asked again and again.

        Args:
            watch: Starts watching as the signed-in person.

        Raises:
            NotSignedIn: The session has ended.
            AppError: There is nothing to see here; the message says why.
        """
        misses = 0
        while True:
            try:
                actor = await self._actor()
                checked = time.monotonic()
                # The hub's iterator is a generator; closing it lets the topic stop when nobody watches any more.
                generator = cast("AsyncGenerator[Update[T], None]", watch(actor))
                async with aclosing(generator) as updates:
                    async for update in updates:
                        misses = 0
                        if time.monotonic() - checked > SESSION_SECONDS:
                            actor = await self._actor()
                            checked = time.monotonic()
                        yield update
            except Exception as error:
                if isinstance(error, AppError) and not isinstance(error, Unavailable):
                    raise
                log.warning("analysis.unreadable", error=str(error) or type(error).__name__)
                async with self:
                    self.problem = "This cannot be read just now; the page tries again by itself."
                await asyncio.sleep(polling_delay(misses, busy=True))
                misses += 1

    async def _steady(self, reading: Awaitable[T]) -> T | None:
        """Return what is read; None, said on the page, when the database is away: the next update asks again.

        Raises:
            AppError: There is nothing to see here; the message says why.
        """
        try:
            return await reading
        except Exception as error:
            if isinstance(error, AppError) and not isinstance(error, Unavailable):
                raise
            log.warning("analysis.unreadable", error=str(error) or type(error).__name__)
            async with self:
                self.problem = "This cannot be read just now; the page tries again by itself."
            return None

    async def _refused(self, error: AppError) -> Any:
        """Show why there is nothing to see, or lead to the sign-in page."""
        if isinstance(error, NotSignedIn):
            return rx.redirect("/sign-in")
        async with self:
            self._assign({"problem": error.message, "loaded": True})
        return None


async def forget_others(state: rx.State, kept: str) -> None:
    """Empty the states of the analysis page that hold another analysis, before a new address shows them.

    Args:
        state: Any state of the same tab of the browser.
        kept: The analysis that the address names; empty on a page that is none of an analysis.
    """
    for kind in rx.State.get_substates():
        if issubclass(kind, Watching):
            held = await state.get_state(kind)  # where states are kept in Redis, others are not at hand yet
            if held._analysis_id not in {"", kept}:  # noqa: SLF001 - a mixin of ours
                held.reset()


def view_of(analysis_id: str) -> Callable[[Actor], AsyncIterator[Update[AnalysisView]]]:
    """Return how to watch the analysis as a whole."""

    def watch(actor: Actor) -> AsyncIterator[Update[AnalysisView]]:
        return hub.watch(
            bus.analysis_channel(analysis_id),
            lambda: edge.read(analyses.view, actor, analysis_id),
            busy=lambda view: view.status not in ANALYSIS_CLOSED,
            key=("view", actor.workspace_id),
        )

    return watch


def part_of(
    analysis_id: str, name: str, read: Callable[[Session, Actor, str], T]
) -> Callable[[Actor], AsyncIterator[Update[T]]]:
    """Return how to watch one part of the analysis, at a tab's pace.

    Args:
        analysis_id: The analysis.
        name: The part's name; pages that watch the same one share its reading.
        read: The service that reads it.
    """

    def watch(actor: Actor) -> AsyncIterator[Update[T]]:
        return hub.watch(
            bus.analysis_channel(analysis_id),
            paced(lambda: edge.read(read, actor, analysis_id), TAB_SECONDS),
            busy=lambda _: True,
            key=(name, actor.workspace_id),
        )

    return watch


def paced(load: Callable[[], Awaitable[T]], seconds: float) -> Callable[[], Awaitable[T]]:
    """Return `load` with pauses: a call sooner than `seconds` after the last one waits for its time, then reads."""
    read_at = float("-inf")

    async def slowly() -> T:
        nonlocal read_at
        await asyncio.sleep(max(0.0, read_at + seconds - time.monotonic()))
        read_at = time.monotonic()
        return await load()

    return slowly
