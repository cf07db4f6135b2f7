"""What stands between a provider and the network: one rate limit for all processes.

A moving window in Redis (library `limits`: exactly 50 of 50 over four processes in our measurement). When Redis is
away the window is kept by this process alone: slower than permitted is never a risk, a stop would be.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

import structlog

from app.core import redis
from app.core.settings import settings
from app.services.breaker import Breaker, SharedBreaker
from integrations.contracts import Limits
from integrations.errors import RateLimited

if TYPE_CHECKING:
    from limits.strategies import RateLimiter

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 2.0
"""Shorter waits are sat out; for longer ones the job gives its place back."""


class Paced(Protocol):
    """Settings that may hold a limit of their own."""

    @property
    def requests_per_minute(self) -> int | None:
        """Overrides the documented limit; None keeps it."""


class RateGuard:
    """Admits calls to one provider as its limit allows, and logs how they went."""

    def __init__(self, provider: str, label: str, limits: Limits, config: Paced) -> None:
        """Keep the limit; connects on the first call."""
        self._label = label
        self._provider = provider
        self._per_minute = config.requests_per_minute or limits.requests_per_minute
        self._shared: RateLimiter | None = None
        self._alone: RateLimiter | None = None
        self._breaker = SharedBreaker(Breaker(provider, label))

    async def admit(self, provider: str, operation: str) -> None:
        """Wait up to two seconds for a place.

        Raises:
            RateLimited: The next place is further away, or the provider fails and is left alone.
        """
        del operation
        await asyncio.to_thread(self._breaker.admit)
        waited = 0.0
        while True:
            wait = await asyncio.to_thread(self._hit, provider)  # a frozen Redis must not freeze the pages
            if wait <= 0:
                return
            if waited + wait > PATIENCE_SECONDS:
                raise RateLimited(
                    f"{self._label} allows {self._per_minute} requests a minute; we go on in {wait:.0f} s.",
                    provider=provider,
                    retry_after=wait,
                    status=None,
                    own_limit=True,
                )
            await asyncio.sleep(wait)
            waited += wait

    async def report(self, provider: str, operation: str, *, seconds: float, error: Exception | None) -> None:
        """Log the outcome of one call, and tell the breaker."""
        await asyncio.to_thread(self._breaker.report, error)
        if error is None:
            log.debug("provider.answered", provider=provider, operation=operation, seconds=round(seconds, 3))
        else:
            log.info(
                "provider.failed",
                provider=provider,
                operation=operation,
                seconds=round(seconds, 3),
                error=type(error).__name__,
                reason=str(error),
            )

    def _hit(self, provider: str) -> float:
        """Take a place, or return the seconds until one is free."""
        from limits import RateLimitItemPerMinute  # noqa: PLC0415 - 80 ms that only collectors need

        item = RateLimitItemPerMinute(self._per_minute)
        server = redis.connection()
        shared = () if server.aside else (self._over_redis,)
        for limiter in (*shared, self._in_memory):
            try:
                strategy = limiter()
                if strategy.hit(item, provider):
                    return 0.0
                reset = strategy.get_window_stats(item, provider).reset_time
                return float(max(0.05, reset - time.time()))
            except Exception as error:  # noqa: BLE001 - any broken store means: count alone
                server.stand_aside(error)
        return 0.0

    def _over_redis(self) -> RateLimiter:
        if self._shared is None:
            from limits.storage import storage_from_string  # noqa: PLC0415
            from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415

            url = redis.redis_url(settings()).replace("unix://", "redis+unix://").partition("?")[0]
            storage = storage_from_string(
                url, socket_timeout=redis.TIMEOUT_SECONDS, socket_connect_timeout=redis.TIMEOUT_SECONDS
            )
            self._shared = MovingWindowRateLimiter(storage)
        return self._shared

    def _in_memory(self) -> RateLimiter:
        if self._alone is None:
            from limits.storage import MemoryStorage  # noqa: PLC0415
            from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415

            self._alone = MovingWindowRateLimiter(MemoryStorage())
        return self._alone
