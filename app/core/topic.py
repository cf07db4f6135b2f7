"""One value that people watch: read when it may have changed, at a pace that the database bears, and told to all.

    live: read again when touched, at most 4 times a second, at least every 15 s
    polling, offline: read again after a pause that grows while nothing is new
Whoever reads slowly misses all but the newest.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import structlog

from app.core.errors import AppError, Unavailable

log = structlog.get_logger(__name__)
T = TypeVar("T")

SHORTEST_SECONDS = 0.25
"""Between two reads of one topic: 4 a second."""

LONGEST_SECONDS = 15.0
"""Without any message a topic is read again after this long."""

FRESH_SECONDS = 1.0
"""Whoever joins later gets the last value at once; an older one than this is read again."""

BUSY_POLL_SECONDS = 2.0
IDLE_POLL_SECONDS = 5.0
POLL_GROWTH = 1.5
LONGEST_POLL_SECONDS = 30.0


class Mode(StrEnum):
    """How values reach the watcher now."""

    LIVE = "live"
    POLLING = "polling"
    """The bus is down; the database is asked every so often."""
    OFFLINE = "offline"
    """The value cannot be read now; it is the last one known."""


@dataclass(frozen=True, slots=True)
class Update(Generic[T]):
    """One value for a watcher."""

    value: T
    mode: Mode
    every_seconds: float | None
    """Seconds until the next read when it does not come by itself; None while live."""


def polling_delay(misses: int, busy: bool) -> float:
    """Return the seconds until the next poll.

    Args:
        misses: Polls in a row that found nothing new.
        busy: Whether something is being worked on, so that news is likely.
    """
    base = BUSY_POLL_SECONDS if busy else IDLE_POLL_SECONDS
    return min(base * POLL_GROWTH ** min(misses, 20), LONGEST_POLL_SECONDS)


class Topic(Generic[T]):
    """One value that some watch: reads it, spaces the readings, wakes the watchers."""

    def __init__(
        self,
        name: tuple[str, Hashable],
        load: Callable[[], Awaitable[T]],
        busy: Callable[[T], bool],
        *,
        is_live: Callable[[], bool],
        ended: Callable[[Topic[T]], None],
    ) -> None:
        """Begin to read; needs a running event loop.

        Args:
            name: The bus's channel that tells of changes, and the key that its watchers share.
            load: Reads the value.
            busy: Whether a value means that more is to be expected soon.
            is_live: Whether messages of changes arrive now.
            ended: Told when the value cannot be watched (any more), before the watchers are.
        """
        self.name = name
        self.watchers = 0
        self._is_live = is_live
        self._ended = ended
        self._load = load
        self._busy = busy
        self._version = 0
        self._update: Update[T] | None = None
        self._error: Exception | None = None
        self._misses = 0
        self._read_at = time.monotonic()
        self._touched = asyncio.Event()
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._pump(), name=f"hub {name[0]}")

    def touch(self) -> None:
        """Say that the value may have changed."""
        self._touched.set()

    def refresh_if_old(self) -> None:
        """Read again when the last reading is not recent."""
        if time.monotonic() - self._read_at > FRESH_SECONDS:
            self.touch()

    def stop(self) -> None:
        """End the reading."""
        self._task.cancel()

    async def newer_than(self, seen: int) -> tuple[Update[T], int]:
        """Wait for an update that a watcher who saw number `seen` has not seen; return it with its number."""
        while True:
            if self._error is not None:
                raise self._error
            if self._update is not None and self._version > seen:
                return self._update, self._version
            await self._news.wait()

    async def _pump(self) -> None:
        while True:
            self._touched.clear()
            self._read_at = time.monotonic()
            try:
                self._show(await self._load())
            except Exception as error:  # noqa: BLE001 - whatever a reading raises, the watchers must hear of it
                if not self._survives(error):
                    self._fail(error)
                    return
            with suppress(TimeoutError):
                async with asyncio.timeout(self._longest_wait()):
                    await self._touched.wait()
            await asyncio.sleep(max(0.0, self._read_at + SHORTEST_SECONDS - time.monotonic()))

    def _show(self, value: T) -> None:
        if self._is_live():
            self._publish(Update(value, Mode.LIVE, None))
            return
        before = self._update
        missed = before is not None and before.mode is Mode.POLLING and before.value == value
        self._misses = self._misses + 1 if missed else 0
        self._publish(Update(value, Mode.POLLING, polling_delay(self._misses, self._busy(value))))

    def _survives(self, error: Exception) -> bool:
        """Show the last known value as offline, if there is one and the error may pass."""
        if self._update is None or (isinstance(error, AppError) and not isinstance(error, Unavailable)):
            return False
        if self._update.mode is not Mode.OFFLINE:
            log.warning("hub.offline", channel=self.name[0], error=str(error) or type(error).__name__)
            self._misses = 0
        else:
            self._misses += 1
        value = self._update.value
        self._publish(Update(value, Mode.OFFLINE, polling_delay(self._misses, self._busy(value))))
        return True

    def _longest_wait(self) -> float:
        every = self._update.every_seconds if self._update is not None else None
        return LONGEST_SECONDS if every is None else every

    def _publish(self, update: Update[T]) -> None:
        self._update = update
        self._version += 1
        self._wake()

    def _fail(self, error: Exception) -> None:
        self._error = error
        self._ended(self)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
