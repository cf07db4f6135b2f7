"""News for the pages: what could not leave while a server did not answer leaves when it does again."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis as redis_library

from app.core import bus, patient_redis, redis
from app.core.bus import CHANNEL_PREFIX, Courier
from app.core.settings import settings
from tests.app.core.test_hub import Server


@pytest.fixture
def server(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Let the program use a Valkey that can be frozen."""
    with tempfile.TemporaryDirectory(prefix="ast-bus-") as folder:
        found = Server(Path(folder))
        found.start()
        monkeypatch.setenv("ASTERISM_REDIS_URL", f"unix://{found.socket}?db=0")
        settings.cache_clear()
        redis._connection.cache_clear()
        yield found
        bus.courier().forget(5)
        redis._connection.cache_clear()
        found.kill()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def test_news_of_a_moment_without_an_answer_is_heard_when_the_server_answers_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(patient_redis, "ASIDE_SECONDS", 2.0)
    with redis_library.Redis(unix_socket_path=str(server.socket), decode_responses=True) as client:
        listener = client.pubsub()
        listener.psubscribe(f"{CHANNEL_PREFIX}*")
        heard: list[tuple[str, int]] = []

        def listen() -> bool:
            message = listener.get_message(timeout=0.01)
            if message is not None and message["type"] == "pmessage":
                channel = message["channel"].removeprefix(CHANNEL_PREFIX)
                heard.append((channel, json.loads(message["data"])["number"]))
            return bool(heard)

        def hear(channel: str, number: int) -> None:
            until(lambda: listen() and (channel, number) in heard)

        bus.publish("analysis:1", {"number": 1})
        hear("analysis:1", 1)
        server.freeze()
        bus.publish("analysis:1", {"number": 2})
        until(lambda: redis.connection().aside)
        server.thaw()
        for number in (3, 4, 5):
            bus.publish("analysis:1", {"number": number})
            bus.publish("workspace:1", {"number": number})
        bus.courier().settle(5)
        assert redis.connection().aside, "the server was asked although it had not answered a moment ago"
        hear("analysis:1", 5)
        hear("workspace:1", 5)
        assert not {3, 4} & {number for _, number in heard}, "only the newest of such a channel is worth sending"
        listener.close()


def test_news_is_not_kept_for_longer_than_a_page_goes_without_reading(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bus, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(bus, "KEPT_SECONDS", 0.0)
    courier, tried = Courier(), []

    def fail() -> None:
        tried.append("once")
        raise ConnectionError

    courier.send("news", fail, keep="one")
    until(lambda: bool(tried) and not courier._kept)
    assert tried == ["once"]


def test_what_is_kept_is_bounded_and_the_newest_channels_stay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bus, "KEPT_CHANNELS", 3)
    monkeypatch.setattr(bus, "AGAIN_SECONDS", 0.05)
    courier, away, left = Courier(), threading.Event(), []

    def errand(channel: str) -> Callable[[], None]:
        def run() -> None:
            if not away.is_set():
                raise ConnectionError
            left.append(channel)

        return run

    for channel in ("a", "b", "c", "a", "d"):
        courier.send("news", errand(channel), keep=channel)
    courier.settle(5)
    away.set()
    until(lambda: len(left) == 3)
    assert left == ["c", "a", "d"]


def test_what_left_meanwhile_is_not_sent_again_in_an_older_form(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bus, "AGAIN_SECONDS", 60.0)
    courier, left = Courier(), []

    def fail() -> None:
        raise ConnectionError

    courier.send("news", fail, keep="one")
    courier.send("news", lambda: left.append("newer"), keep="one")
    courier.settle(5)
    assert (left, courier._kept) == (["newer"], {})
