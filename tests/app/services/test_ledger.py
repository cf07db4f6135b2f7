"""The cap holds, whoever dies when: on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import func, select

from app.core.db import Database, database_now
from app.core.errors import CapReached
from app.models import Analysis, CostEntry, Job, JobStatus, Reservation, ReservationStatus
from app.services import ledger, prices
from app.services.access import Actor
from app.services.claims import Claim
from app.services.ownership import lock_analysis
from app.services.prices import Price
from tests.factories import ask, claimed


@pytest.fixture
def held(database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch) -> Claim:
    """A claim on a job of an analysis that may cost 1,000 micro-USD, at 7 for a call."""
    monkeypatch.setattr(prices, "PRICES", (Price("reddit", "request", 7_000_000, "a test's price"),))
    with database.write() as session:
        analysis = ask(session, workspace_actor, max_cost_micros=1000)
        session.flush()
        job_id = session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()
        found = claimed(session, job_id, worker="one", lease_seconds=60)
    assert found is not None
    return found


def reserve(database: Database, held: Claim, ordinal: int) -> str:
    with database.write() as session:
        lock_analysis(session, held.analysis_id)
        return ledger.reserve(
            session, held, ordinal=ordinal, step="collect", provider="reddit", unit="request", worst=1
        )


def totals(database: Database, held: Claim) -> tuple[int, int, int]:
    with database.read() as session:
        analysis = session.get_one(Analysis, held.analysis_id)
        entries = session.exec(select(func.coalesce(func.sum(CostEntry.amount_micros), 0))).one()
    return analysis.spent_micros, analysis.reserved_micros, int(entries)


def test_the_cap_holds_under_concurrent_calls(database: Database, held: Claim):
    refused: list[int] = []
    numbers = iter(range(400))
    lock = threading.Lock()

    def spend() -> None:
        while True:
            with lock:
                ordinal = next(numbers, None)
            if ordinal is None:
                return
            try:
                reservation = reserve(database, held, ordinal)
            except CapReached:
                refused.append(ordinal)
                return
            if ordinal % 3:
                with database.write() as session:
                    lock_analysis(session, held.analysis_id)
                    ledger.settle(session, held, reservation, quantity=1)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    spent, reserved, entries = totals(database, held)
    assert len(refused) == 4
    assert spent == entries
    assert spent + reserved == 994, "142 calls at 7 fit under 1,000"


def test_what_a_call_took_replaces_what_was_held_back(database: Database, held: Claim):
    reservation = reserve(database, held, 0)
    assert totals(database, held) == (0, 7, 0)

    for _ in range(2):
        with database.write() as session:
            lock_analysis(session, held.analysis_id)
            ledger.settle(session, held, reservation, quantity=1)

    assert totals(database, held) == (7, 0, 7)


def test_the_end_of_an_analysis_leaves_a_call_alone_that_is_still_being_made(database: Database, held: Claim):
    """An answer to a question may be under way when an analysis that was brought back ends again."""
    under_way, of_the_dead = reserve(database, held, 0), reserve(database, held, 1)
    with database.write() as session:
        session.get_one(Reservation, of_the_dead).fence -= 1
        ledger.close_open(session, lock_analysis(session, held.analysis_id))
    assert totals(database, held) == (7, 7, 7), "the one of a claim that ended counts in full"

    with database.write() as session:
        lock_analysis(session, held.analysis_id)
        ledger.settle(session, held, under_way, quantity=0)
    assert totals(database, held) == (7, 0, 7)


def test_the_end_of_an_analysis_closes_what_its_own_last_job_left_open(database: Database, held: Claim):
    reserve(database, held, 0)
    with database.write() as session:
        analysis = lock_analysis(session, held.analysis_id)
        session.get_one(Job, held.job_id).status = JobStatus.CANCELLED
        ledger.close_open(session, analysis)
    assert totals(database, held) == (7, 0, 7)


def test_a_call_whose_worker_died_counts_as_spent(database: Database, held: Claim):
    reservation = reserve(database, held, 0)
    with database.write() as session:
        assert ledger.settle_abandoned(session) == 0, "its claim still lives"
    with database.write() as session:
        session.get_one(Job, held.job_id).fence += 1
        session.get_one(Reservation, reservation).created_at = database_now(session) - timedelta(hours=1)

    with database.write() as session:
        assert ledger.settle_abandoned(session) == 1

    assert totals(database, held) == (7, 0, 7)
    with database.read() as session:
        assert session.get_one(Reservation, reservation).status == ReservationStatus.UNKNOWN


def test_a_call_that_was_never_made_costs_nothing(database: Database, held: Claim):
    reservation = reserve(database, held, 0)
    with database.write() as session:
        lock_analysis(session, held.analysis_id)
        ledger.release(session, held, reservation)

    assert totals(database, held) == (0, 0, 0)


def test_a_call_without_a_price_is_not_made(database: Database, held: Claim):
    with pytest.raises(LookupError, match="no price for token at reddit"), database.write() as session:
        ledger.reserve(session, held, ordinal=1, step="x", provider="reddit", unit="token", worst=1)
