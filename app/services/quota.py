"""Units of a provider's daily quota, counted across all jobs and processes, and refused before they run out.

A counter in Redis for each provider and quota day, raised before the call. The ledger is the truth behind it: a guard's
first call, and the first one after Redis was away, lift the counter to what the ledger holds of the day; while Redis is
away the ledger alone decides (calls under way elsewhere are then not seen: the provider itself refuses what is too
much, and its refusal waits for the same reset).
"""

from __future__ import annotations

import asyncio

import structlog
from redis.exceptions import RedisError
from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core import redis
from app.core.bus import CHANNEL_PREFIX
from app.core.clock import now
from app.core.db import database
from app.models import Analysis, CostEntry
from app.services.guard import RateGuard
from app.services.providers import SourceSetup
from integrations.contracts import Guard
from integrations.errors import RateLimited
from integrations.quota import Quota, day_start, next_reset

log = structlog.get_logger(__name__)

_KEPT_SECONDS = 2 * 86_400

_TAKE = """
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local cost, limit, floor = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if floor < 0 and redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
if used < floor then used = floor end
local fits = used + cost <= limit
if fits then used = used + cost end
redis.call('SET', KEYS[1], used, 'EX', ARGV[4])
return fits and 1 or 0
"""
"""1: taken; 0: refused; -1: nothing is known of this day, ask the ledger and come again. One step, so that processes
never read the same number."""


class QuotaGuard:
    """Admits a call when another guard does and the day's units suffice.

    Args:
        inner: Asked first, so that a call that has to wait takes no units.
        provider: Registry id.
        label: The provider's name in sentences.
        quota: What its calls take.
        units_per_day: Units of a day; None counts without a limit.
    """

    def __init__(self, inner: Guard, provider: str, label: str, quota: Quota, units_per_day: int | None) -> None:
        self.taken = 0
        """Units of the calls that this guard has admitted."""
        self._inner = inner
        self._provider = provider
        self._label = label
        self._quota = quota
        self._units_per_day = units_per_day
        self._counter_checked = False

    async def admit(self, provider: str, operation: str) -> None:
        """Take the units of one call.

        Raises:
            RateLimited: Too few are left today; `retry_after` is the time until they come back.
        """
        await self._inner.admit(provider, operation)
        cost = self._quota.cost(operation)
        if self._units_per_day is not None and not await asyncio.to_thread(self._take, cost, self._units_per_day):
            moment = now()
            reset = next_reset(moment)
            raise RateLimited(
                f"The {self._units_per_day:,} units that {self._label} gives for a day do not suffice for the next "
                f"call; collecting goes on when they come back at midnight Pacific Time, {reset:%H:%M} UTC.",
                provider=provider,
                retry_after=max(1.0, (reset - moment).total_seconds()),
                status=None,
                own_limit=True,
            )
        self.taken += cost

    async def report(self, provider: str, operation: str, *, seconds: float, error: Exception | None) -> None:
        """Pass on the outcome of one call."""
        await self._inner.report(provider, operation, seconds=seconds, error=error)

    def _take(self, cost: int, limit: int) -> bool:
        day = day_start(now())
        key = f"{CHANNEL_PREFIX}quota:{self._provider}:{day:%Y-%m-%d}"
        try:
            floor = -1
            if self._counter_checked:
                answer = self._ask(key, cost, limit, floor)
                if answer >= 0:
                    return answer == 1
            floor = self._in_ledger()
            answer = self._ask(key, cost, limit, floor)
        except RedisError as error:
            log.warning("quota.ledger_alone", provider=self._provider, error=str(error))
            self._counter_checked = False
            return self._in_ledger() + cost <= limit
        self._counter_checked = True
        return answer == 1

    def _ask(self, key: str, cost: int, limit: int, floor: int) -> int:
        return int(redis.connection().eval(_TAKE, 1, key, cost, limit, floor, _KEPT_SECONDS))  # type: ignore[arg-type]

    def _in_ledger(self) -> int:
        with database().read() as session:
            return units_today(session, self._provider, self._quota.unit)


def units_today(session: Session, provider: str, unit: str) -> int:
    """Return the units that the ledger holds for the present quota day; SAMPLE calls take none of a real quota."""
    day = day_start(now())
    # Ids begin with their time, so that the primary key finds the day's lines without reading all others.
    digits = f"{int(day.timestamp() * 1000):012x}"
    total = session.exec(
        select(func.coalesce(func.sum(CostEntry.quantity), 0))
        .join(Analysis, col(Analysis.id) == col(CostEntry.analysis_id))
        .where(
            col(CostEntry.id) >= f"{digits[:8]}-{digits[8:]}",
            col(CostEntry.created_at) >= day,
            CostEntry.provider == provider,
            CostEntry.unit == unit,
            col(Analysis.sample).is_(False),
        )
    ).one()
    return int(total)


def guard_for(setup: SourceSetup) -> RateGuard | QuotaGuard:
    """Return what stands between a source and the network: its limit of a minute, and its quota if it has one."""
    rate = RateGuard(setup.id, setup.label, setup.source.limits, setup.config)
    quota = setup.source.quota
    if quota is None:
        return rate
    allowed = getattr(setup.config, "daily_quota_units", quota.units_per_day)
    return QuotaGuard(rate, setup.id, setup.label, quota, None if setup.sample else allowed)
