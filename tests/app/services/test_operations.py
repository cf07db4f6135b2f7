"""What runs the installation sees, and who may."""

from __future__ import annotations

import dataclasses

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.errors import InvalidInput, NotFound, NotPermitted
from app.models import AuditEvent, Job, JobStatus, OperatorRole, QueueHold
from app.services import holds, keys, operations, operations_jobs, sessions, steering
from app.services.access import Action, Actor, ActorKind, can
from app.services.steering import Steer
from tests.app.services.operated import as_operator, stored


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


def test_who_does_not_run_the_installation_sees_nothing_and_who_only_looks_changes_nothing(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    analysis_id = stored(database, workspace_actor)
    looking = as_operator(other_actor, OperatorRole.READ)
    with database.read() as session:
        waiting = session.exec(
            select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.QUEUED)
        ).first()
        for call in (operations.view, operations_jobs.jobs):
            with pytest.raises(NotPermitted, match="those who run this Asterism"):
                call(session, workspace_actor)
    with database.write() as session:
        with pytest.raises(NotPermitted):
            holds.hold(session, looking, "collect", "Just so")
        with pytest.raises(NotFound):
            steering.steer(session, looking, waiting, Steer.PAUSE)


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
