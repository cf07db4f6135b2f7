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
from functools import cache
from typing import Any, TypeVar

import redis.asyncio
import structlog
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.core.bus import CHANNEL_PREFIX
from app.core.redis import async_connection
from app.core.settings import settings
from app.core.topic import Topic, Update

log = structlog.get_logger(__name__)
T = TypeVar("T")

PING_SECONDS = 2.0
SILENCE_SECONDS = 5.0
"""A bus that answers no ping for this long counts as down: a frozen server keeps its connections open."""
CONNECT_SECONDS = 3.0
FIRST_RETRY_SECONDS = 0.2
RETRY_GROWTH = 1.5
LONGEST_RETRY_SECONDS = 2.0


def retry_delay(failures: int) -> float:
    """Return the seconds until the bus is tried again after so many failures in a row."""
    return min(FIRST_RETRY_SECONDS * RETRY_GROWTH ** min(failures, 20), LONGEST_RETRY_SECONDS)


class Hub:
    """All topics of one process and their one connection to the bus. Lives in one event loop."""

    def __init__(self, connect: Callable[[], redis.asyncio.Redis]) -> None:
        """Keep how to connect; nothing happens before `run`.

        Args:
            connect: Makes a client whose reads have no deadline.
        """
        self._connect = connect
        self._topics: dict[tuple[str, Hashable], Topic[Any]] = {}
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
    ) -> Topic[T]:
        name = (channel, key)
        topic: Topic[T] | None = self._topics.get(name)
        if topic is None:
            topic = self._topics[name] = Topic(name, load, busy, is_live=lambda: self._live, ended=self._forget)
        topic.watchers += 1
        topic.refresh_if_old()
        return topic

    def _leave(self, topic: Topic[Any]) -> None:
        topic.watchers -= 1
        if topic.watchers == 0:
            self._forget(topic)
            topic.stop()

    def _forget(self, topic: Topic[Any]) -> None:
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
