"""From the bus to all who look: one subscription per process, one database read per topic and tick.

    watcher = hub.watch(bus.analysis_channel(identifier), load, busy=is_running, key=("view", workspace_id))
    async with contextlib.aclosing(watcher) as updates:
        async for update in updates:
            show(update.value, update.mode)

`run()` listens to the bus for as long as the process lives. `watch()` gives a value at once, then again after each
change: the first change at once, then at most 4 a second, and at least every 15 s without any message. Without the bus
the same watchers poll. A message carries no truth: it only says when to read, so the newest always wins.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Generic, TypeVar

import redis.asyncio
import structlog
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.bus import CHANNEL_PREFIX
from app.core.errors import AppError, Unavailable
from app.core.redis import async_connection
from app.core.settings import settings

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
PING_SECONDS = 2.0
SILENCE_SECONDS = 5.0
"""A bus that answers no ping for this long counts as down: a frozen server keeps its connections open."""
CONNECT_SECONDS = 3.0
FIRST_RETRY_SECONDS = 0.2
LONGEST_RETRY_SECONDS = 2.0


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


def retry_delay(failures: int) -> float:
    """Return the seconds until the bus is tried again after so many failures in a row."""
    return min(FIRST_RETRY_SECONDS * POLL_GROWTH ** min(failures, 20), LONGEST_RETRY_SECONDS)


class Hub:
    """All topics of one process and their one connection to the bus. Lives in one event loop."""

    def __init__(self, connect: Callable[[], redis.asyncio.Redis]) -> None:
        """Keep how to connect; nothing happens before `run`.

        Args:
            connect: Makes a client whose reads have no deadline.
        """
        self._connect = connect
        self._topics: dict[tuple[str, Hashable], _Topic[Any]] = {}
        self._live = False

    @property
    def live(self) -> bool:
        """Whether the bus is heard now."""
        return self._live

    @property
    def topics(self) -> int:
        """How many topics are being watched."""
        return len(self._topics)

    async def run(self) -> None:
        """Listen to the bus until cancelled; connect again whenever it goes away."""
        failures = 0
        while True:
            try:
                async with self._connect() as client:
                    client.set_retry(Retry(NoBackoff(), 0))  # its own tries would hide an outage for 10 s
                    async with client.pubsub() as subscription:
                        await self._listen(subscription)
            except (RedisError, OSError) as error:  # asyncio.timeout raises an OSError, too
                if self._live or failures == 0:
                    log.warning("hub.bus_down", error=str(error) or type(error).__name__)
                failures = 0 if self._live else failures + 1
            finally:
                self._turn(live=False)
            await asyncio.sleep(retry_delay(failures))
            failures = max(failures, 1)

    async def watch(
        self,
        channel: str,
        load: Callable[[], Awaitable[T]],
        *,
        busy: Callable[[T], bool],
        key: Hashable | None = None,
    ) -> AsyncGenerator[Update[T], None]:
        """Give the value now, and again whenever it may have changed; a slow reader misses all but the newest.

        Args:
            channel: Name of the bus's channel that tells of changes.
            load: Reads the value.
            busy: Whether a value means that more is to be expected soon; sets the polling's pace.
            key: Watchers of one channel with the same key share one reading. It must name all that `load` depends on
                besides the channel, above all whose eyes it reads with (the workspace). None shares with nobody.

        Raises:
            AppError: `load` says that there is nothing to watch (any more). Other errors of a first reading are
                raised, those of a later one show as `Mode.OFFLINE` and are tried again.
        """
        topic = self._join(channel, load, busy, object() if key is None else key)
        seen = 0
        try:
            while True:
                update, seen = await topic.newer_than(seen)
                yield update
        finally:
            self._leave(topic)

    def _join(
        self, channel: str, load: Callable[[], Awaitable[T]], busy: Callable[[T], bool], key: Hashable
    ) -> _Topic[T]:
        name = (channel, key)
        topic: _Topic[T] | None = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = _Topic(self, name, load, busy)
        topic.watchers += 1
        topic.refresh_if_old()
        return topic

    def _leave(self, topic: _Topic[Any]) -> None:
        topic.watchers -= 1
        if topic.watchers == 0:
            self.forget(topic)
            topic.stop()

    def forget(self, topic: _Topic[Any]) -> None:
        """Let the next watcher of this name start afresh."""
        if self._topics.get(topic.name) is topic:
            del self._topics[topic.name]

    async def _listen(self, subscription: PubSub) -> None:
        async with asyncio.timeout(CONNECT_SECONDS):
            await subscription.psubscribe(f"{CHANNEL_PREFIX}*")
        heard = pinged = time.monotonic()
        while True:
            message = await subscription.get_message(timeout=PING_SECONDS)
            await asyncio.sleep(0)  # a flood of messages that are already here must not starve the pages
            now = time.monotonic()
            if message is not None:
                heard = now
                if message["type"] == "psubscribe":
                    self._turn(live=True)
                elif message["type"] == "pmessage":
                    self._tell(message["channel"].removeprefix(CHANNEL_PREFIX))
            if now - heard > SILENCE_SECONDS:
                raise TimeoutError(f"the bus has been silent for {SILENCE_SECONDS:g} s")
            if now - pinged >= PING_SECONDS:
                pinged = now
                async with asyncio.timeout(CONNECT_SECONDS):
                    await subscription.ping()

    def _tell(self, channel: str) -> None:
        for topic in self._topics.values():
            if topic.name[0] == channel:
                topic.touch()

    def _turn(self, *, live: bool) -> None:
        if live == self._live:
            return
        self._live = live
        if live:
            log.info("hub.live")
        for topic in self._topics.values():
            topic.touch()  # read again: messages may have been missed, and the mode is shown


class _Topic(Generic[T]):
    """One value that some watch: reads it, spaces the readings, wakes the watchers."""

    def __init__(
        self,
        hub: Hub,
        name: tuple[str, Hashable],
        load: Callable[[], Awaitable[T]],
        busy: Callable[[T], bool],
    ) -> None:
        self.name = name
        self.watchers = 0
        self._hub = hub
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
        if self._hub.live:
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
        self._hub.forget(self)
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


async def run() -> None:
    """Listen to the bus until cancelled: a lifespan task of the web process."""
    await _hub().run()


def watch(
    channel: str,
    load: Callable[[], Awaitable[T]],
    *,
    busy: Callable[[T], bool],
    key: Hashable | None = None,
) -> AsyncGenerator[Update[T], None]:
    """Watch with this process's hub; see `Hub.watch`."""
    return _hub().watch(channel, load, busy=busy, key=key)


@cache
def _hub() -> Hub:
    return Hub(lambda: async_connection(settings()))
