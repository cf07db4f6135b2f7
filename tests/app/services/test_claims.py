"""A job is taken by one, kept by its fence, and closed once: on both databases."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core.db import Database, database_now
from app.models import Analysis, DeadLetter, Job, JobStatus, Worker
from app.services import claims, upkeep
from app.services.access import Actor
from app.services.claims import ClaimLost
from app.services.queueing import BROKER_SHARE
from app.services.stages import plan
from app.services.stages.work import Work
from tests.factories import ask, claimed


@pytest.fixture
def job_id(database: Database, workspace_actor: Actor) -> str:
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        session.flush()
        return session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()


def take(database: Database, job_id: str, worker: str = "one", lease: float = 60) -> claims.Claim | None:
    with database.write() as session:
        return claimed(session, job_id, worker=worker, lease_seconds=lease)


def row(database: Database, job_id: str) -> Job:
    with database.read() as session:
        return session.get_one(Job, job_id)


def test_of_many_workers_that_want_a_job_one_gets_it(database: Database, job_id: str):
    won: list[claims.Claim] = []
    barrier = threading.Barrier(6)

    def try_it(name: str) -> None:
        barrier.wait()
        held = take(database, job_id, name)
        if held is not None:
            won.append(held)

    threads = [threading.Thread(target=try_it, args=(str(number),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert row(database, job_id).fence == 1


def test_a_late_twin_can_neither_write_nor_finish(database: Database, job_id: str):
    first = take(database, job_id, "one", lease=-1)
    second = take(database, job_id, "two")
    assert first is not None
    assert second is not None
    assert second.fence == first.fence + 1

    late = Work(first, database)
    with pytest.raises(ClaimLost), late.commit(done=5):
        pass
    with pytest.raises(ClaimLost), late.finish():
        pass
    with Work(second, database).commit(done=7):
        pass

    assert row(database, job_id).done == 7


def test_work_and_cursor_are_stored_together_or_not_at_all(database: Database, job_id: str):
    held = take(database, job_id)
    assert held is not None

    def write_and_break() -> None:
        with Work(held, database).commit(cursor={"at": 1}) as (session, analysis):
            session.add(DeadLetter(job_id=job_id, workspace_id=analysis.workspace_id, reason="x", attempts=1))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_break()

    assert row(database, job_id).cursor is None
    with database.read() as session:
        assert session.exec(select(DeadLetter)).all() == []


def test_a_failed_attempt_waits_and_the_last_one_leaves_a_letter(database: Database, job_id: str):
    for attempt in range(1, 6):
        held = take(database, job_id)
        assert held is not None
        assert held.attempts == attempt
        with database.write() as session:
            if attempt < 5:
                claims.fail(session, held, kind="unreachable", message="Reddit did not answer.", delay_seconds=-1)
            else:
                analysis = claims.give_up(session, held, kind="unreachable", message="Reddit did not answer.")
                plan.advance(session, analysis)

    assert take(database, job_id) is None
    with database.read() as session:
        letter = session.exec(select(DeadLetter)).one()
        assert letter.reason == "Reddit did not answer."
        assert letter.attempts == 5
        analysis = session.exec(select(Analysis)).one()
    assert analysis.status == "failed"
    assert analysis.error == "Reddit did not answer."


def test_a_wait_that_the_provider_asked_for_costs_no_attempt(database: Database, job_id: str):
    held = take(database, job_id)
    assert held is not None
    with database.write() as session:
        claims.defer(session, held, seconds=600, why="Reddit allows 100 requests a minute.")

    waiting = row(database, job_id)
    assert waiting.status == JobStatus.QUEUED
    assert waiting.attempts == 0
    assert waiting.error_message == "Reddit allows 100 requests a minute."
    assert take(database, job_id) is None, "it is not due yet"


def test_a_job_whose_lease_ran_out_is_put_back_and_poison_is_given_up(database: Database, job_id: str):
    for attempt in range(1, 6):
        assert take(database, job_id, lease=-1) is not None
        assert upkeep.reclaim_expired(database) == 1
        assert row(database, job_id).status == (JobStatus.RETRYING if attempt < 5 else JobStatus.DEAD)

    with database.read() as session:
        reason = session.exec(select(DeadLetter.reason)).one()
    assert reason == "Its worker was lost in attempt 5 of 5, so it is not tried again."


def test_a_beat_extends_the_lease_until_the_job_is_someone_elses(database: Database, job_id: str):
    held = take(database, job_id, lease=1)
    assert held is not None
    with database.write() as session:
        assert claims.beat(session, held, lease_seconds=500)
        now = database_now(session)
    lease = row(database, job_id).lease_until
    assert lease is not None
    assert lease > now + timedelta(seconds=400)

    with database.write() as session:
        job = session.get_one(Job, job_id)
        job.lease_until = now - timedelta(seconds=1)
    assert take(database, job_id, "two") is not None
    with database.write() as session:
        assert not claims.beat(session, held, lease_seconds=500)


def test_an_analysis_never_has_more_than_its_share_with_the_workers(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor, *[f"community{number}" for number in range(9)])
        session.flush()
        sent = [job for job in session.exec(select(Job).where(Job.analysis_id == analysis.id)) if job.sent_at]
    assert len(sent) == BROKER_SHARE

    held = take(database, sent[0].id)
    assert held is not None
    with Work(held, database).finish():
        pass
    with database.read() as session:
        waiting = session.exec(select(Job).where(Job.status == JobStatus.QUEUED)).all()
    assert sum(1 for job in waiting if job.sent_at) == BROKER_SHARE


def test_lost_messages_are_sent_again(database: Database, job_id: str):
    assert upkeep.resend_due(database) == 0, "its message is fresh"
    with database.write() as session:
        session.get_one(Job, job_id).sent_at = database_now(session) - timedelta(seconds=60)
    assert upkeep.resend_due(database) == 0, "no worker could take it"
    with database.write() as session:
        session.add(Worker(id="one", queues=[], concurrency=1, heartbeat_at=database_now(session)))
        job = session.get_one(Job, job_id)
        job.sent_at = database_now(session) - timedelta(seconds=60)
    assert upkeep.resend_due(database) == 1
    assert upkeep.resend_due(database) == 0


def test_a_worker_whose_process_died_is_forgotten_at_once(database: Database):
    with database.write() as session:
        for name in ("dead", "alive"):
            session.add(Worker(id=name, queues=[], concurrency=2, heartbeat_at=database_now(session)))
    assert upkeep.forget_dead(database, lambda name: name == "dead") == 1
    with database.read() as session:
        assert session.exec(select(Worker.id)).all() == ["alive"]


def test_of_two_schedulers_one_starts_what_is_due(database: Database):
    ran: list[str] = []

    started = [upkeep.start_if_due(database, "once", 60, lambda _: ran.append("ran")) for _ in range(3)]

    assert started == [True, False, False]
    assert ran == ["ran"]
