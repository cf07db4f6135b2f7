"""Units of a day are shared by all processes, and the ledger is the truth behind the counter: on both databases."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select, update

from app.core import redis
from app.core.clock import fixed, now
from app.core.db import Database
from app.core.settings import settings
from app.models import Analysis, CostEntry, Job, Reservation, ReservationStatus
from app.services import analyses, claims, ledger, quota
from app.services.access import Actor
from app.services.claims import Claim
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.providers import source_setup
from app.services.quota import QuotaGuard
from app.services.stages import collect
from app.services.stages.work import Work
from integrations.errors import RateLimited, Unreachable
from integrations.quota import Quota, next_reset
from tests.factories import claimed
from tests.integrations.youtube_world import BUSY, KEY, MadeUpYouTube
from tests.local_server import Reply, serve

QUOTA = Quota("quota_unit", 10_000, {"search": 100})


class Open:
    """A guard that lets everything pass."""

    async def admit(self, provider: str, operation: str) -> None:
        """Admit."""

    async def report(self, provider: str, operation: str, *, seconds: float, error: Exception | None) -> None:
        """Take no note."""


def guard(limit: int | None) -> QuotaGuard:
    return QuotaGuard(Open(), "youtube", "YouTube", QUOTA, limit)


def admitted(found: QuotaGuard, operation: str = "read", *, calls: int = 1000) -> int:
    """Return how many of `calls` are admitted before the first refusal."""
    for number in range(calls):
        try:
            asyncio.run(found.admit("youtube", operation))
        except RateLimited:
            return number
    return calls


def held_job(database: Database, actor: Actor, query: dict[str, object]) -> Claim:
    """Return the claim on the job that collects a query of YouTube."""
    wanted = AnalysisRequest(question="What?", sources=[SourceRequest(provider="youtube", query=query)])
    with database.write() as session:
        analysis_id = analyses.request(session, actor, wanted)
        session.flush()
        job_id = session.exec(select(Job.id).where(Job.analysis_id == analysis_id)).one()
        found = claimed(session, job_id, worker="one", lease_seconds=60)
    assert found is not None
    return found


def spend(database: Database, held: Claim, units: int, *, sample: bool = False) -> None:
    """Write units into the ledger as a page does."""
    with database.write() as session:
        session.connection().execute(update(Analysis).where(col(Analysis.id) == held.analysis_id).values(sample=sample))
        reservation = ledger.reserve(
            session, held, ordinal=0, step="collect", provider="youtube", unit="quota_unit", worst=units
        )
        ledger.settle(session, held, reservation, quantity=units)


def real_youtube(monkeypatch: pytest.MonkeyPatch, base: str, **more: str) -> None:
    for name, value in {"BASE_URL": base, "API_KEY": KEY, **more}.items():
        monkeypatch.setenv(f"ASTERISM_YOUTUBE_{name}", value)
    settings.cache_clear()


def units(database: Database) -> dict[str, int]:
    with database.read() as session:
        found: dict[str, int] = {}
        for entry in session.exec(select(CostEntry)).all():
            found[entry.unit] = found.get(entry.unit, 0) + entry.quantity
        assert not session.exec(select(Reservation).where(Reservation.status == ReservationStatus.OPEN)).all()
    return found


def test_units_are_shared_by_many_guards_to_the_last_one(database: Database, valkey: str) -> None:
    taken: list[int] = []

    def take() -> None:
        taken.append(admitted(guard(201), calls=100))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 201
    assert admitted(guard(301), "search", calls=3) == 1, "a search takes a hundred at once, or none"
    assert admitted(guard(302)) == 1


def test_a_refusal_names_when_the_units_come_back(database: Database, valkey: str) -> None:
    with fixed(datetime(2026, 7, 1, 6, 30, tzinfo=UTC)), pytest.raises(RateLimited) as caught:
        asyncio.run(guard(0).admit("youtube", "read"))
    assert caught.value.retry_after == 1800
    assert "midnight Pacific Time, 07:00 UTC" in str(caught.value)


def test_the_next_day_begins_anew(database: Database, valkey: str) -> None:
    assert admitted(guard(3)) == 3
    with fixed(next_reset(now()) + timedelta(seconds=1)):
        assert admitted(guard(3)) == 3


def test_without_a_limit_units_are_counted_only(database: Database) -> None:
    found = guard(None)
    assert admitted(found, "search", calls=5) == 5
    assert found.taken == 500


def test_a_counter_that_was_lost_begins_with_what_the_ledger_holds(
    database: Database, workspace_actor: Actor, valkey: str
) -> None:
    held = held_job(database, workspace_actor, {"search": "cheese"})
    spend(database, held, 7)
    assert admitted(guard(10)) == 3
    redis.connection().flushall()
    assert admitted(guard(10)) == 3


def test_the_ledger_alone_decides_while_redis_is_away(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = held_job(database, workspace_actor, {"search": "cheese"})
    spend(database, held, 95)
    assert admitted(guard(100), "search") == 0
    assert admitted(guard(100), calls=1) == 1
    with fixed(next_reset(now()) + timedelta(seconds=1)):
        assert admitted(guard(100), "search", calls=1) == 1, "yesterday's units are not today's"


def test_sample_calls_take_nothing_of_the_real_quota(database: Database, workspace_actor: Actor, valkey: str) -> None:
    held = held_job(database, workspace_actor, {"search": "cheese"})
    spend(database, held, 9, sample=True)
    assert admitted(guard(10)) == 10
    setup = source_setup("youtube")
    assert setup.sample
    assert quota.guard_for(setup)._units_per_day is None


def test_a_collected_video_is_in_the_ledger_call_by_call_and_unit_by_unit(
    database: Database, workspace_actor: Actor, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = MadeUpYouTube()
    with serve(world.answer) as server:
        real_youtube(monkeypatch, server.base)
        held = held_job(database, workspace_actor, {"video": BUSY})
        collect.run(Work(held, database))
        asked = len(server.asked)
    assert units(database) == {"request": asked, "quota_unit": asked}
    with database.read() as session:
        assert session.get_one(Job, held.job_id).done == len(world.busy_ids)
        assert quota.units_today(session, "youtube", "quota_unit") == asked


def test_a_failed_search_is_in_the_ledger_with_its_units_and_no_more(
    database: Database, workspace_actor: Actor, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(lambda asked: Reply.page(status=503)) as server:
        real_youtube(monkeypatch, server.base)
        held = held_job(database, workspace_actor, {"search": "cheese"})
        with pytest.raises(Unreachable):
            collect.run(Work(held, database))
    assert units(database) == {"request": 1, "quota_unit": 100}


def test_collecting_stops_before_the_quota_is_used_up_and_goes_on_the_next_day(
    database: Database, workspace_actor: Actor, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = MadeUpYouTube()
    with serve(world.answer) as server:
        real_youtube(monkeypatch, server.base, DAILY_QUOTA_UNITS="4")
        held = held_job(database, workspace_actor, {"video": BUSY})
        with pytest.raises(RateLimited, match="The 4 units that YouTube gives for a day"):
            collect.run(Work(held, database))
        assert len(server.asked) == 4
        assert units(database) == {"request": 4, "quota_unit": 4}
        with database.write() as session:
            claims.defer(session, held, seconds=0, why="tomorrow")
        monkeypatch.setenv("ASTERISM_YOUTUBE_DAILY_QUOTA_UNITS", "100")
        with database.write() as session:
            again = claimed(session, held.job_id, worker="two", lease_seconds=60)
        assert again is not None
        collect.run(Work(again, database))
        assert len(server.asked) == world.least_of_busy
    with database.read() as session:
        assert session.get_one(Job, held.job_id).done == len(world.busy_ids)
