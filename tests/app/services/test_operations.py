"""What runs the installation sees, and who may."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import get_args

import pytest
from sqlalchemy import event as sql_event
from sqlmodel import col, select

from app.core.db import Database, database_now
from app.core.errors import InvalidInput, NotFound, NotPermitted
from app.models import Analysis, AuditEvent, DeadLetter, Job, JobStatus, OperatorRole, QueueHold, Worker
from app.services import holds, keys, operations, sessions, steering
from app.services.access import Action, Actor, ActorKind, can
from app.services.steering import Steer
from tests import factories

MINUTE = timedelta(minutes=1)


def as_operator(actor: Actor, role: OperatorRole = OperatorRole.STEER) -> Actor:
    return dataclasses.replace(actor, operator=role)


def job(session, analysis: Analysis, number: int, *, queue: str = "collect", **values) -> Job:
    now = database_now(session)
    row = Job(
        workspace_id=analysis.workspace_id,
        analysis_id=analysis.id,
        kind="collect" if queue == "collect" else "score",
        queue=queue,
        dedupe_key=f"{analysis.id}:{number}",
        payload={"source": {"provider": "reddit", "query": {"subreddit": "selfhosted"}}},
        run_after=now,
        **values,
    )
    session.add(row)
    return row


def stored(database: Database, actor: Actor) -> str:
    wanted = factories.wanted("selfhosted")
    with database.write() as session:
        analysis = Analysis(
            workspace_id=actor.workspace_id,
            requested_by=actor.reference,
            question=wanted.question,
            request=wanted.model_dump(mode="json"),
            cap_micros=0,
            status="running",
        )
        session.add(analysis)
        session.flush()
        now = database_now(session)
        job(session, analysis, 1).run_after = now - 2 * MINUTE
        job(session, analysis, 2).run_after = now + MINUTE
        job(session, analysis, 3, status=JobStatus.RUNNING, pool="host|7|1", heartbeat_at=now)
        for number, (ago, status) in enumerate(
            [(1, "succeeded"), (2, "succeeded"), (31, "dead"), (90, "succeeded")], start=4
        ):
            job(session, analysis, number, queue="analyse", status=status, finished_at=now - ago * MINUTE)
        session.flush()
        dead = session.exec(select(Job).where(Job.status == JobStatus.DEAD)).one()
        session.add(DeadLetter(job_id=dead.id, workspace_id=actor.workspace_id, reason="It broke.", attempts=3))
        session.add(Worker(id="host|7|1", queues=["collect"], concurrency=2, heartbeat_at=now))
        session.add(Worker(id="gone|8|1", queues=[], concurrency=9, heartbeat_at=now - MINUTE))
        return analysis.id


def test_queues_show_depth_age_slots_and_the_last_hour(database: Database, workspace_actor: Actor) -> None:
    stored(database, workspace_actor)
    with database.read() as session:
        view = operations.view(session, as_operator(workspace_actor))
    collect = next(row for row in view.queues if row.queue == "collect")
    analyse = next(row for row in view.queues if row.queue == "analyse")
    assert (collect.due, collect.later, collect.running, collect.slots) == (1, 1, 1, 2)
    assert collect.oldest_due_seconds == pytest.approx(120, abs=20)
    assert (analyse.due, analyse.oldest_due_seconds, analyse.slots) == (0, None, 0)
    assert sum(point.done for point in analyse.trend) == 2
    assert sum(point.failed for point in analyse.trend) == 1
    assert sum(point.done for point in analyse.trend[-2:]) == 2
    assert [(worker.id, worker.running, worker.process) for worker in view.workers] == [("host|7|1", 1, 7)]
    assert view.dead_letters == 1


@pytest.mark.parametrize(
    ("state", "count"),
    [("open", 3), ("waiting", 2), ("running", 1), ("stuck", 1), ("dead", 1), ("finished", 3), ("all", 7)],
)
def test_jobs_are_listed_by_where_they_stand(
    database: Database, workspace_actor: Actor, other_actor: Actor, state: str, count: int
) -> None:
    stored(database, workspace_actor)
    operator = as_operator(other_actor, OperatorRole.READ)
    seen: list[str] = []
    cursor = None
    with database.read() as session:
        while True:
            page = operations.jobs(session, operator, state=state, cursor=cursor, limit=2)
            seen += [row.id for row in page.rows]
            assert all(row.workspace == "Observatory" and row.question for row in page.rows)
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == len(set(seen)) == count
    assert seen == sorted(seen, reverse=True)


def test_one_job_of_a_provider_that_is_gone_hides_no_other(database: Database, workspace_actor: Actor) -> None:
    with database.write() as session:
        analysis = factories.ask(session, workspace_actor)
        session.flush()
        gone = job(session, analysis, 7)
        gone.payload = {"source": {"provider": "myspace", "query": {}}}
        session.flush()
    with database.read() as session:
        shown = operations.jobs(session, as_operator(workspace_actor)).rows
    assert {row.label for row in shown} == {"Collect myspace", "Collect r/selfhosted"}


def test_who_does_not_run_the_installation_sees_nothing_and_who_only_looks_changes_nothing(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    analysis_id = stored(database, workspace_actor)
    looking = as_operator(other_actor, OperatorRole.READ)
    with database.read() as session:
        waiting = session.exec(
            select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.QUEUED)
        ).first()
        for call in (operations.view, operations.jobs):
            with pytest.raises(NotPermitted, match="those who run this Asterism"):
                call(session, workspace_actor)
    with database.write() as session:
        with pytest.raises(NotPermitted):
            holds.hold(session, looking, "collect", "Just so")
        with pytest.raises(NotFound):
            steering.steer(session, looking, waiting, Steer.PAUSE)


@pytest.mark.parametrize("queue", [None, "collect", "ai", "publish"])
@pytest.mark.parametrize("state", get_args(operations.States))
def test_a_filter_shows_exactly_what_it_says_page_by_page(
    database: Database, workspace_actor: Actor, state: operations.States, queue: str | None
) -> None:
    stored(database, workspace_actor)
    with database.write() as session:
        analysis = session.exec(select(Analysis)).first()
        for number, status in enumerate(list(JobStatus) * 2, start=10):
            row = job(session, analysis, number)
            row.status, row.queue = status, ("collect", "ai")[number % 2]
    with database.read() as session:
        everything = session.exec(select(Job).order_by(col(Job.id).desc())).all()
        shown: list[str] = []
        cursor = None
        while True:
            page = operations.jobs(
                session, as_operator(workspace_actor), state=state, queue=queue, cursor=cursor, limit=3
            )
            shown += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    statuses = operations.statuses_of(state) or tuple(JobStatus)
    assert shown == [one.id for one in everything if one.status in statuses and queue in {None, one.queue}]


@pytest.mark.parametrize("queue", [None, "publish"])
@pytest.mark.parametrize("state", ["open", "running", "dead", "stuck"])
def test_no_list_looks_at_what_it_does_not_show(
    sqlite_database: Database, workspace_actor: Actor, state: operations.States, queue: str | None
) -> None:
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        asked.append((statement, parameters))

    sql_event.listen(sqlite_database.reader, "before_cursor_execute", note)
    with sqlite_database.read() as session:
        operations.jobs(session, as_operator(workspace_actor), state=state, queue=queue)
    sql_event.remove(sqlite_database.reader, "before_cursor_execute", note)
    with sqlite_database.reader.connect() as connection:
        plans = [
            row[-1]
            for statement, parameters in asked
            if "FROM job" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
    index = "ix_job_not_ended" if queue is None else "ix_job_not_ended_queue"
    found = [line for line in plans if " job " in line]
    assert any(f"{index} (" in line for line in found)
    assert not [line for line in found if line.startswith("SCAN job")]


def test_an_operator_steers_jobs_of_every_workspace_and_it_is_audited(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    analysis_id = stored(database, workspace_actor)
    operator = as_operator(other_actor)
    with database.write() as session:
        waiting = session.exec(
            select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.QUEUED)
        ).first()
        assert steering.steer(session, operator, waiting, Steer.PAUSE).status == "paused"
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "job:pause")).all()
    assert {(event.actor, event.subject, event.data["analysis"]) for event in events} == {
        (operator.reference, waiting, analysis_id)
    }
    assert {event.workspace_id: event.data.get("operator") for event in events} == {
        other_actor.workspace_id: None,
        workspace_actor.workspace_id: operator.name,
    }


def test_who_steers_jobs_of_their_own_is_audited_once(database: Database, workspace_actor: Actor) -> None:
    analysis_id = stored(database, workspace_actor)
    with database.write() as session:
        jobs = session.exec(select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.QUEUED)).all()
        steering.steer_many(session, as_operator(workspace_actor), jobs, Steer.PAUSE)
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.action == "job:pause")).all()
    assert sorted(event.subject for event in events) == sorted(jobs)


def test_what_an_operator_could_not_do_is_in_nobodys_trail(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    analysis_id = stored(database, workspace_actor)
    with database.write() as session:
        jobs = session.exec(select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.QUEUED)).all()
        outcomes = steering.steer_many(session, as_operator(other_actor), jobs, Steer.RESUME)
    assert [one.done for one in outcomes] == [False] * len(jobs)
    with database.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.action == "job:resume")).all() == []


def test_a_queue_is_held_with_a_reason_and_released(database: Database, workspace_actor: Actor) -> None:
    operator = as_operator(workspace_actor)
    with database.write() as session:
        holds.hold(session, operator, "collect", "  Reddit is\ndown ")
    with database.write() as session:
        holds.hold(session, operator, "collect", "Reddit is down till noon")
    with database.read() as session:
        row = next(row for row in operations.view(session, operator).queues if row.queue == "collect")
    assert row.hold is not None
    assert (row.hold.reason, row.hold.held_by) == ("Reddit is down till noon", "Ada")
    for _ in range(2):
        with database.write() as session:
            holds.release(session, operator, "collect")
    with database.read() as session:
        assert session.exec(select(QueueHold)).all() == []
        actions = session.exec(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert list(actions) == ["queue:hold", "queue:hold", "queue:release"]


def test_a_wrong_hold_is_one_sentence(sqlite_database: Database, workspace_actor: Actor) -> None:
    operator = as_operator(workspace_actor)
    with sqlite_database.write() as session:
        with pytest.raises(NotFound, match="There is no queue 'mail'"):
            holds.hold(session, operator, "mail", "x")
        with pytest.raises(InvalidInput) as caught:
            holds.hold(session, operator, "ai", " ")
    assert caught.value.field == "reason"


def test_whoever_starts_the_program_operates_it_and_only_their_admin_keys_do(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        owner = sessions.local_owner(session)
        made = {role: keys.create(session, owner, "k", role=role) for role in ("admin", "editor")}
    with sqlite_database.read() as session:
        found = {role: keys.actor_for_key(session, key.secret).operator for role, key in made.items()}
    assert owner.operator == "steer"
    assert found == {"admin": "steer", "editor": None}


@pytest.mark.parametrize(
    ("kind", "role", "named"),
    [
        (ActorKind.KEY, None, "`asterism keys create NAME --role admin`"),
        (ActorKind.USER, None, "`asterism link`"),
        (ActorKind.KEY, OperatorRole.READ, "This key may look and change nothing"),
        (ActorKind.USER, OperatorRole.READ, "Your sign-in may look and change nothing"),
    ],
)
def test_who_may_not_is_told_what_gives_the_right(
    workspace_actor: Actor, kind: ActorKind, role: OperatorRole | None, named: str
) -> None:
    answer = can(dataclasses.replace(workspace_actor, kind=kind, operator=role), Action.OPERATIONS_STEER)
    assert named in answer
    assert "those who run this Asterism" in answer
    assert answer.count(". ") == 0
