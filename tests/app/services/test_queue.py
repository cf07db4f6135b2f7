"""Place and wait are those of the rows: on both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.core.clock import now
from app.core.db import Database, database_now
from app.core.jobs import QueueClass
from app.models import Analysis, Job, JobStatus, Worker
from app.services import queue, queueing
from app.services.access import Actor
from app.services.contract import QueueView
from tests.factories import ask, claimed


def add_worker(database: Database, *, queues: list[str], slots: int = 2, name: str = "one") -> None:
    with database.write() as session:
        session.add(Worker(id=name, queues=queues, concurrency=slots, heartbeat_at=database_now(session)))


def look(database: Database, analysis_id: str) -> QueueView:
    with database.read() as session:
        return queue.position(session, session.get_one(Analysis, analysis_id))


@pytest.fixture
def three(database: Database, workspace_actor: Actor) -> list[str]:
    with database.write() as session:
        return [ask(session, workspace_actor).id for _ in range(3)]


def test_each_has_its_own_place(database: Database, three: list[str]):
    add_worker(database, queues=[], slots=1)
    assert [look(database, analysis_id).place for analysis_id in three] == [1, 2, 3]


def test_without_a_worker_for_its_queue_it_says_so_and_promises_nothing(database: Database, three: list[str]):
    add_worker(database, queues=["publish"])
    shown = look(database, three[0])
    assert shown.wait_seconds is None
    assert (
        shown.why
        == "No worker is running for this now; `asterism run` brings one back, elsewhere start `asterism worker`."
    )
    assert (shown.workers_free, shown.workers_total) == (0, 0)


def test_a_free_slot_means_at_once(database: Database, three: list[str]):
    add_worker(database, queues=["collect"])
    assert look(database, three[0]).wait_seconds == (0, 2)


def test_busy_workers_are_the_reason(database: Database, three: list[str]):
    add_worker(database, queues=[], slots=1)
    with database.write() as session:
        job = session.exec(select(Job.id).where(Job.analysis_id == three[0])).one()
        claimed(session, job, worker="one", lease_seconds=60)
    assert look(database, three[0]).place is None
    third = look(database, three[2])
    assert third.place == 2
    assert third.why == "The one worker is busy; 1 analysis of yours is ahead."
    assert third.wait_seconds is not None
    assert third.wait_seconds[1] > 2


def test_a_silent_worker_does_not_count(database: Database, three: list[str]):
    add_worker(database, queues=[])
    with database.write() as session:
        row = session.get_one(Worker, "one")
        row.heartbeat_at = row.heartbeat_at.replace(year=2020)
    assert look(database, three[0]).workers_total == 0


def test_a_job_that_is_done_once_more_goes_where_it_belongs_now(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        queueing.enqueue(
            session,
            analysis,
            kind="synthesise",
            name="synthesise",
            payload={},
            provider="openai",
            max_attempts=5,
            queue=QueueClass.AI,
        )
        job = session.exec(select(Job).where(Job.analysis_id == analysis.id, Job.kind == "synthesise")).one()
        job.status, job.turn, job.done = JobStatus.CANCELLED, now(), 7
        session.flush()
        analysis.priority = 2
        queueing.enqueue(session, analysis, kind="synthesise", name="synthesise", payload={"a": 1}, total=9)
        session.refresh(job)
        assert (job.status, job.queue, job.provider) == (JobStatus.QUEUED, "analyse", None)
        assert (job.max_attempts, job.priority, job.turn) == (3, 2, None)
        assert (job.done, job.total, job.payload) == (0, 9, {"a": 1})
