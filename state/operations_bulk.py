"""What is asked and told when many jobs are moved at once, and how long a silent one counts as at work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Literal, TypeVar

import structlog

from app.services.operations_bulk import BulkOutcome
from state import words

log = structlog.get_logger(__name__)

T = TypeVar("T")
Move = Literal["pause", "resume", "cancel", "retry", "discard"]
ASKS = {
    "cancel": "What they did stays; they never run again, and their analyses go on without them where that is "
    "possible.",
    "discard": "They leave the list of what was given up; the analyses stay as they are.",
}
"""Moves that cannot be taken back are asked for twice; so is every move of all that match."""
PAST = {
    "pause": "Paused",
    "resume": "Resumed",
    "cancel": "Cancelled",
    "retry": "Put back in line",
    "discard": "Discarded",
}
NOT_DONE = "It stopped on the way; what was done stays done. Look at the list, and do it again for the rest."
ALIVE_SECONDS = 5.0
"""How often the process that moves all that match says that it lives."""
SILENT_SECONDS = 30.0
"""One that has not said so for this long is gone: the page says so, and takes the next order."""


def told_all(move: Move, done: BulkOutcome) -> str:
    """Say what became of all that matched."""
    told = f"{PAST[move]}: {words.counted(done.done, 'job')} of {done.matched:,} that matched."
    if done.refused:
        told += f" Not done for {words.counted(done.refused, 'job')}: {done.why}"
    return told + (f" {done.left:,} are left; do it again for them." if done.left else "")


async def heard_of(work: Coroutine[Any, Any, T], say: Callable[[], Awaitable[None]]) -> T:
    """Do the work and say so every `ALIVE_SECONDS` until it is done; return what it returns, raise what it raises.

    That nobody can be told is no reason to stop: the work goes on in any case.
    """
    task = asyncio.create_task(work)
    while not (await asyncio.wait({task}, timeout=ALIVE_SECONDS))[0]:
        try:
            await say()
        except Exception as error:  # noqa: BLE001 - the page's state may be away, as when its store is silent
            log.warning("operations.not_told", error=str(error))
    return await task
