"""A circuit breaker for each provider, shared by all processes: who fails again and again is left alone for a while.

closed ──5 failures within a minute──▶ open 30 s ──▶ half-open: one probe ──answered──▶ closed
                                         ▲                        └──failed──▶ open, twice as long, 10 minutes at most

Its state is two keys in Redis, changed by scripts, so that of many processes one probes. No library does this on
today's redis-py. Without Redis there is no breaker: each job's own delays remain.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import cast

import structlog
from redis.exceptions import RedisError

from app.core import bus, redis
from app.core.bus import CHANNEL_PREFIX
from integrations.errors import ContractChanged, RateLimited, Unreachable
from integrations.language_model import UnusableAnswer

log = structlog.get_logger(__name__)

FAILURES = 5
WINDOW_SECONDS = 60.0
OPEN_SECONDS = 30.0
LONGEST_OPEN_SECONDS = 600.0
PROBE_SECONDS = 25.0
"""How long a probe may take, a little longer than the deadline of a call; then another one may try."""

_ADMIT = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
local until_ = tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0')
if until_ == 0 then return '0' end
if until_ > now then return tostring(until_ - now) end
if redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return '0' end
return tostring(math.max(0.5, redis.call('PTTL', KEYS[2]) / 1000))
"""
"""Seconds to wait, `0` for none. Half-open, the first one takes the lease of the probe and the others wait for it."""

_FAIL = """
local t = redis.call('TIME')
local now = tonumber(t[1]) + tonumber(t[2]) / 1000000
local until_ = tonumber(redis.call('HGET', KEYS[1], 'open_until') or '0')
if until_ > now then return '0' end
local since = tonumber(redis.call('HGET', KEYS[1], 'since') or '0')
if now - since > tonumber(ARGV[2]) then redis.call('HSET', KEYS[1], 'since', tostring(now), 'failures', '0') end
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('EXPIRE', KEYS[1], 3600)
if until_ == 0 and failures < tonumber(ARGV[1]) then return '0' end
local times = redis.call('HINCRBY', KEYS[1], 'times', 1)
local seconds = math.min(tonumber(ARGV[4]), tonumber(ARGV[3]) * 2 ^ (times - 1)) * tonumber(ARGV[5])
redis.call('HSET', KEYS[1], 'open_until', tostring(now + seconds), 'failures', '0', 'why', ARGV[6])
redis.call('DEL', KEYS[2])
return tostring(seconds)
"""
"""Seconds for which it has just opened, `0` when it has not. What fails while it is open was sent before."""

_LOOK = """
local t = redis.call('TIME')
local told = {tostring(tonumber(t[1]) + tonumber(t[2]) / 1000000)}
for _, key in ipairs(KEYS) do
  table.insert(told, redis.call('HGET', key, 'open_until') or '0')
  table.insert(told, redis.call('HGET', key, 'why') or '')
end
return told
"""
"""The time, then of each breaker until when it is open (`0`: closed) and why."""


LONGEST_WHY = 300


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    """Calls go through."""
    OPEN = "open"
    """The provider is left alone."""
    PROBING = "probing"
    """Its time is over: one call goes through, and how that ends decides."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One breaker at one moment."""

    state: BreakerState
    until: datetime | None = None
    """With `OPEN`: when it is asked again."""
    why: str = ""
    """The failure that opened it last, as a sentence; empty when closed."""


class Breaker:
    """Asked before each call to a provider, and told how it went.

    Args:
        provider: Registry id.
        label: The provider's name in sentences.
    """

    def __init__(self, provider: str, label: str) -> None:
        self._provider = provider
        self._label = label
        self._keys = (f"{CHANNEL_PREFIX}breaker:{provider}", f"{CHANNEL_PREFIX}breaker:{provider}:probe")

    def admit(self) -> None:
        """Let a call pass, or not.

        Raises:
            RateLimited: The provider is left alone; `retry_after` is the time until it is asked again.
            RedisError: Nobody knows.
        """
        wait = float(self._run(_ADMIT, int(PROBE_SECONDS * 1000)))
        if wait > 0:
            raise RateLimited(
                f"{self._label} has failed again and again, so it is left alone; it is asked again in {wait:.0f} s.",
                provider=self._provider,
                retry_after=wait + random.uniform(0.1, 1.0),  # noqa: S311 - spreading load needs no secret
                status=None,
            )

    def report(self, error: Exception | None) -> None:
        """Count a failure of the provider itself; any other answer shows that it works.

        Raises:
            RedisError: It could not be counted.
        """
        # An answer that is of no use says something of the model, not of the way to it, and it was one workspace's.
        if isinstance(error, UnusableAnswer) or not isinstance(error, Unreachable | ContractChanged):
            if redis.connection().delete(*self._keys):
                _tell()
            return
        jitter = random.uniform(0.9, 1.1)  # noqa: S311 - the same
        opened = float(
            self._run(
                _FAIL, FAILURES, WINDOW_SECONDS, OPEN_SECONDS, LONGEST_OPEN_SECONDS, jitter, str(error)[:LONGEST_WHY]
            ),
        )
        if opened > 0:
            _tell()
            log.warning("breaker.open", provider=self._provider, seconds=round(opened, 1), reason=str(error))

    def reset(self) -> None:
        """Close it by hand. Raises `RedisError`."""
        redis.connection().delete(*self._keys)
        _tell()

    def _run(self, script: str, *arguments: float | str) -> str:
        return str(redis.connection().eval(script, 2, *self._keys, *arguments))


def standings(providers: Sequence[str]) -> list[Standing]:
    """Return how the breakers of some providers stand, in the order given, by the clock of Redis. Raises `RedisError`.

    Looking takes no probe and changes nothing.
    """
    keys = [f"{CHANNEL_PREFIX}breaker:{provider}" for provider in providers]
    now, *told = cast("list[str]", redis.connection().eval(_LOOK, len(keys), *keys))
    return [_standing(float(until), why, float(now)) for until, why in zip(told[::2], told[1::2], strict=True)]


def _standing(until: float, why: str, now: float) -> Standing:
    if until == 0:
        return Standing(BreakerState.CLOSED)
    if until > now:
        return Standing(BreakerState.OPEN, datetime.fromtimestamp(until, tz=UTC), why)
    return Standing(BreakerState.PROBING, why=why)


def _tell() -> None:
    bus.publish(bus.OPS, {"breakers": "changed"})


class SharedBreaker:
    """A breaker that lets every call pass while Redis does not answer."""

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def admit(self) -> None:
        """Let a call pass, or not. Raises `RateLimited`."""
        with suppress(RedisError):
            self._breaker.admit()

    def report(self, error: Exception | None) -> None:
        """Tell how a call went."""
        with suppress(RedisError):
            self._breaker.report(error)
