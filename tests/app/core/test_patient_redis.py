"""A server that does not answer is not asked again and again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.exceptions import RedisError

from app.core import patient_redis, redis
from app.core.settings import settings
from tests.chaos.proxy import Line, Proxy


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give a clock that the test moves on."""
    moved = [0.0]
    real = time.monotonic
    monkeypatch.setattr(patient_redis.time, "monotonic", lambda: real() + moved[0])
    return moved


@pytest.fixture
def line(valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Give a line to Valkey that can be frozen, and let the program use it."""
    with Proxy(Path(valkey.removeprefix("unix://").partition("?")[0])) as found:
        monkeypatch.setenv("ASTERISM_REDIS_URL", f"redis://127.0.0.1:{found.port}/0")
        settings.cache_clear()
        redis._connection.cache_clear()
        yield found
    redis._connection.cache_clear()


def test_a_frozen_server_costs_one_deadline_and_then_none_until_it_is_asked_again(line: Proxy, late: list[float]):
    client = redis.connection()
    client.set("one", "1")
    line.set(Line.FROZEN)
    started = time.perf_counter()
    with pytest.raises(RedisError):
        client.get("one")
    waited = time.perf_counter() - started
    assert waited >= redis.TIMEOUT_SECONDS
    for _ in range(100):
        with pytest.raises(RedisError, match="a moment ago"):
            client.get("one")
    line.set(Line.OPEN)
    assert client.aside
    late[0] = patient_redis.ASIDE_SECONDS
    assert client.get("one") == "1"


def test_an_answer_that_is_an_error_is_an_answer(valkey):
    client = redis.connection()
    with pytest.raises(RedisError):
        client.execute_command("NO-SUCH-COMMAND")
    assert not client.aside
