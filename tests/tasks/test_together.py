"""Short work is taken many at a time and run one after another; nothing of it suffers for a neighbour."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, select
from structlog.testing import capture_logs

from app.core.db import Database, database_now
from app.models import Job, JobEvent, JobStatus, Worker
from app.services import claims, queue, queueing, taking, upkeep
from app.services.access import Actor
from app.services.claims import Claim
from app.services.fairness import MOST_TOGETHER, Offer, together, turn
from app.services.stages.work import Work
from app.services.taking import Slot
from tasks import base
from tests.factories import MOMENT, ask


def offer(number: int, queue_class: str = "notify", *, tried: bool = False) -> Offer:
    return Offer(f"{number}", f"a{number}", "w", "collect", queue_class, MOMENT, tried)


@pytest.mark.parametrize(
    ("offers", "slots", "taken"),
    [
        ([], 2, []),
        ([offer(1, "collect"), offer(2, "collect")], 0, ["1"]),
        ([offer(1), offer(2), offer(3), offer(4, "analyse")], 1, ["1", "2", "3"]),
        ([offer(1), offer(2), offer(3), offer(4)], 2, ["1", "2"]),
        ([offer(1), offer(2), offer(3)], 2, ["1", "2"]),
        ([offer(1), offer(2), offer(3)], 8, ["1"]),
        ([offer(1, tried=True), offer(2)], 1, ["1"]),
        ([offer(1), offer(2, tried=True), offer(3)], 1, ["1", "3"]),
        ([offer(number) for number in range(500)], 1, [f"{number}" for number in range(MOST_TOGETHER)]),
    ],
)
def test_what_a_process_takes_together(offers: list[Offer], slots: int, taken: list[str]):
    assert [one.job_id for one in together(offers, slots)] == taken


def test_of_much_short_work_the_newest_is_not_the_first():
    crowd = turn(MOMENT, of_analysis=3, of_workspace=50, priority=0, queue="notify")
    late = turn(MOMENT + timedelta(seconds=2), of_analysis=0, of_workspace=0, priority=0, queue="notify")
    assert crowd < late
    long = turn(MOMENT, of_analysis=3, of_workspace=50, priority=0, queue="analyse")
    assert long > late


@pytest.fixture
def short(database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the ids of five jobs of short work, of three analyses in two workspaces."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    base.settings.cache_clear()
    with database.write() as session:
        ask(session, workspace_actor, "one", "two")
        ask(session, other_actor, "one")
        ask(session, other_actor, "one", "two")
        for job in session.exec(select(Job)):
            job.queue = "notify"
    with database.read() as session:
        return [one.job_id for one in taking.next_offers(session, Slot("one"))]


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a process time for all that it took together, however slow the machine is."""
    monkeypatch.setattr(base, "TOGETHER_SECONDS", 60.0)


def rows(database: Database) -> dict[str, Job]:
    with database.read() as session:
        return {job.id: job for job in session.exec(select(Job))}


@pytest.mark.usefixtures("unhurried")
def test_they_are_claimed_in_one_transaction_and_each_is_done_once(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    ran: list[str] = []
    at_once: list[int] = []

    def handler(work: Work) -> None:
        ran.append(work.held.job_id)
        with database.read() as session:
            at_once.append(len(queueing.running(session)))
        with work.finish():
            pass

    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    assert ran == short
    assert at_once == [5, 4, 3, 2, 1]
    assert {job.status for job in rows(database).values() if job.id in short} == {JobStatus.SUCCEEDED}
    with database.read() as session:
        events = session.exec(select(JobEvent).order_by(JobEvent.analysis_id, JobEvent.sequence)).all()
    for analysis_id in {event.analysis_id for event in events}:
        numbers = [event.sequence for event in events if event.analysis_id == analysis_id]
        assert numbers == list(range(1, len(numbers) + 1))
    assert sum(event.kind == "analysis.running" for event in events) == 3


@pytest.mark.usefixtures("unhurried")
def test_one_that_fails_leaves_the_others_alone(database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch):
    def handler(work: Work) -> None:
        if work.held.job_id == short[1]:
            raise ValueError("poison")
        with work.finish():
            pass

    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    found = rows(database)
    assert [found[job_id].status for job_id in short] == ["succeeded", "retrying", *["succeeded"] * 3]


def test_what_is_not_begun_is_given_back_after_a_second_and_costs_no_attempt(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    moment = 0.0

    def handler(work: Work) -> None:
        nonlocal moment
        moment += 0.6
        with work.finish():
            pass

    monkeypatch.setattr(base.time, "monotonic", lambda: moment)
    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    found = rows(database)
    assert [found[job_id].status for job_id in short] == ["succeeded"] * 2 + ["queued"] * 3
    assert [found[job_id].attempts for job_id in short[2:]] == [0, 0, 0]


def test_what_waits_behind_a_job_that_hangs_is_given_back_while_it_hangs(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    seen = []

    def handler(work: Work) -> None:
        until = time.monotonic() + 60
        while time.monotonic() < until and rows(database)[short[-1]].status != "queued":
            time.sleep(0.05)
        seen.extend(rows(database)[job_id].status for job_id in short)
        with work.finish():
            pass

    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    assert seen == ["running", *["queued"] * 4]
    assert [rows(database)[job_id].attempts for job_id in short] == [1, 0, 0, 0, 0]


def test_what_is_given_back_while_the_database_is_away_is_given_back_when_it_is_there_again(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    tries: list[str] = []
    defer = claims.defer

    def away_at_first(session: Session, held: Claim, **values: Any) -> None:
        tries.append(held.job_id)
        if len(tries) <= 2:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        defer(session, held, **values)

    moment = 0.0

    def handler(work: Work) -> None:
        nonlocal moment
        moment += 1.5
        with work.finish():
            pass

    monkeypatch.setattr(base.time, "monotonic", lambda: moment)
    monkeypatch.setattr(base, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    monkeypatch.setattr(claims, "defer", away_at_first)
    base.run_job(short[0])
    found = rows(database)
    assert [found[job_id].status for job_id in short] == ["succeeded", *["queued"] * 4]
    assert [found[job_id].attempts for job_id in short[1:]] == [0] * 4
    assert tries == [short[1], short[1], *short[1:]]


@pytest.mark.parametrize("step", ["next_offers", "claim_next"])
def test_a_message_that_comes_while_the_database_is_away_is_left_to_the_sweep(
    short: list[str], monkeypatch: pytest.MonkeyPatch, step: str
):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    monkeypatch.setattr(taking, step, away)
    with capture_logs() as lines:
        base.run_job(short[0])
    assert [line["event"] for line in lines if line["event"].startswith("job.")] == ["job.no_turn"]


@pytest.mark.usefixtures("unhurried")
def test_an_outcome_that_cannot_be_written_does_not_stop_the_others(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    def handler(work: Work) -> None:
        if work.held.job_id == short[0]:
            raise ValueError("poison")
        with work.finish():
            pass

    def away(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    monkeypatch.setattr(claims, "fail", away)
    base.run_job(short[0])
    assert [rows(database)[job_id].status for job_id in short] == ["running", *["succeeded"] * 4]


def test_after_a_killed_process_each_is_taken_alone(database: Database, short: list[str]):
    with database.write() as session:
        held = taking.claim_next(session, Slot("dead", pool="dead"), lease_seconds=60)
    assert [one.job_id for one in held] == short
    with database.read() as session:
        assert queue.workers(session) == (0, 0)
    assert upkeep.reclaim_orphans(database, lambda name: name == "dead") == 5
    with database.write() as session:
        again = taking.claim_next(session, Slot("one"), lease_seconds=60)
    assert [(one.attempts, one.job_id in short) for one in again] == [(2, True)]


def test_a_process_with_many_jobs_fills_one_slot(database: Database, short: list[str]):
    with database.write() as session:
        session.add(Worker(id="alive", queues=[], concurrency=2, heartbeat_at=database_now(session)))
        assert taking.claim_next(session, Slot("first", pool="alive", slots=2), lease_seconds=60)
        assert len(queueing.running(session)) == 3
    with database.read() as session:
        assert queue.workers(session) == (1, 2)


@pytest.mark.usefixtures("unhurried")
def test_what_is_cancelled_before_its_turn_does_not_run(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    """The row is taken away while a neighbour runs: its own first commit is refused."""
    done: list[str] = []

    def handler(work: Work) -> None:
        if not done:
            with database.write() as session:
                job = session.get_one(Job, short[1])
                job.status = JobStatus.CANCELLED
        with work.finish():
            done.append(work.held.job_id)

    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    found = rows(database)
    assert found[short[1]].status == JobStatus.CANCELLED
    assert done == [job_id for job_id in short if job_id != short[1]]


def test_what_the_heartbeat_cannot_give_back_is_given_back_after_it(
    database: Database, short: list[str], monkeypatch: pytest.MonkeyPatch
):
    """The database drops while the heartbeat gives back, and the job that ran ends in that moment."""
    defer = claims.defer
    in_hand, ended = threading.Event(), threading.Event()

    def dropped(session: Session, held: Claim, **values: Any) -> None:
        if threading.current_thread().name == "heartbeat":
            in_hand.set()
            ended.wait(30)
            raise OperationalError("UPDATE", {}, Exception("server closed the connection"))
        defer(session, held, **values)

    def handler(work: Work) -> None:
        in_hand.wait(30)
        with work.finish():
            pass
        ended.set()

    monkeypatch.setattr(claims, "defer", dropped)
    monkeypatch.setattr(base, "handler", lambda _kind: handler)
    base.run_job(short[0])
    found = rows(database)
    assert [found[job_id].status for job_id in short] == ["succeeded", *["queued"] * 4]
    assert [found[job_id].attempts for job_id in short[1:]] == [0] * 4
