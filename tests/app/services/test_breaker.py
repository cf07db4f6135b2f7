"""A provider that fails again and again is left alone by all processes, and probed by one."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core import redis
from app.services import breaker
from app.services.breaker import Breaker, SharedBreaker
from integrations.errors import ContractChanged, Gone, RateLimited, Unreachable
from integrations.language_model import UnusableAnswer

DOWN = Unreachable("Reddit answers with an error (503).", provider="reddit", status=503)


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch, valkey: str) -> None:
    monkeypatch.setattr(breaker, "OPEN_SECONDS", 0.3)


def opened(times: int = 5) -> Breaker:
    one = Breaker("reddit", "Reddit")
    for _ in range(times):
        one.report(DOWN)
    return one


def let_through(one: Breaker) -> bool:
    try:
        one.admit()
    except RateLimited:
        return False
    return True


def until_half_open() -> None:
    key = "asterism:breaker:reddit"
    began = time.monotonic()
    while float(redis.connection().hget(key, "open_until")) > time.time():  # type: ignore[arg-type]
        assert time.monotonic() - began < 60
        time.sleep(0.01)


def test_it_opens_for_all_after_five_failures_and_says_when_it_asks_again():
    opened(4).admit()
    opened(1)
    with pytest.raises(RateLimited, match="Reddit has failed again and again") as refusal:
        Breaker("reddit", "Reddit").admit()
    assert 0 < refusal.value.retry_after < 2
    assert refusal.value.status is None, "our own wait, not one that Reddit asked for"
    Breaker("youtube", "YouTube").admit()


def test_answers_of_no_use_close_no_door():
    one = Breaker("openai", "OpenAI")
    for _ in range(9):
        one.report(UnusableAnswer("It answered in prose.", provider="openai", usage={}, reported=True))
    one.admit()


def test_of_many_one_probes_and_its_answer_opens_the_way_for_all():
    one = opened()
    until_half_open()
    with ThreadPoolExecutor(20) as many:
        passed = list(many.map(lambda _: let_through(Breaker("reddit", "Reddit")), range(20)))
    assert sum(passed) == 1
    one.report(None)
    assert let_through(Breaker("reddit", "Reddit"))


def test_a_probe_that_fails_doubles_the_time():
    one = opened()
    until_half_open()
    one.admit()
    one.report(DOWN)
    with pytest.raises(RateLimited) as refusal:
        one.admit()
    assert refusal.value.retry_after > 0.5


@pytest.mark.parametrize("error", [None, Gone("No such place.", provider="reddit")])
def test_an_answer_of_any_kind_shows_that_it_works(error):
    one = opened(4)
    one.report(error)
    one.report(ContractChanged("Strange.", provider="reddit"))
    one.admit()


def test_it_can_be_closed_by_hand():
    one = opened()
    one.reset()
    one.admit()


def test_without_redis_it_stands_aside(monkeypatch: pytest.MonkeyPatch, data_folder):
    monkeypatch.setenv("ASTERISM_REDIS_URL", f"unix://{data_folder}/nobody.sock?db=0")
    redis.settings.cache_clear()
    redis._connection.cache_clear()
    one = SharedBreaker(Breaker("reddit", "Reddit"))
    for _ in range(6):
        one.report(DOWN)
    one.admit()
