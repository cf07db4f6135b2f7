"""One action on every job that a filter matches."""

from __future__ import annotations

import dataclasses

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.errors import InvalidInput, NotPermitted
from app.models import AuditEvent, DeadLetter, Job, JobStatus, OperatorRole, Role
from app.services import operations_bulk, steering
from app.services.access import Actor
from app.services.operations_bulk import Matching
from app.services.steering import Steer
from tests import factories
from tests.app.services.operated import as_operator, job, stored


def statuses(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.exec(select(Job.status)).all())


def many(database: Database, actor: Actor, count: int) -> None:
    """Store jobs of two analyses, as many of each."""
    with database.write() as session:
        for _ in range(2):
            analysis = factories.ask(session, actor)
            session.flush()
            for number in range(10, 9 + count // 2):
                job(session, analysis, number)


def test_all_that_match_are_done_in_batches_and_audited_once(
    database: Database, workspace_actor: Actor, other_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations_bulk, "BATCH", 3)
    many(database, workspace_actor, 14)
    operator = as_operator(other_actor)
    with database.read() as session:
        assert operations_bulk.matching(session, operator, move=Steer.PAUSE).count == 14
    outcome = operations_bulk.steer_matching(database, operator, move=Steer.PAUSE)
    assert (outcome.matched, outcome.done, outcome.refused, outcome.left) == (14, 14, 0, 0)
    assert statuses(database) == ["paused"] * 14
    with database.read() as session:
        events = session.exec(select(AuditEvent).where(AuditEvent.actor == operator.reference)).all()
    assert [(event.action, event.data) for event in events if event.workspace_id == operator.workspace_id] == [
        ("jobs:pause", {"state": "open", "queue": None, "count": 14})
    ]
    owned = [event for event in events if event.workspace_id == workspace_actor.workspace_id]
    assert {(event.action, event.data["operator"]) for event in owned} == {("job:pause", operator.name)}
    assert len({event.subject for event in owned}) == 14


def test_the_right_to_steer_the_installation_needs_no_role_in_a_workspace(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    many(database, workspace_actor, 4)
    viewer = dataclasses.replace(as_operator(other_actor), role=Role.VIEWER)
    assert operations_bulk.steer_matching(database, viewer, move=Steer.PAUSE).done == 4
    assert statuses(database) == ["paused"] * 4


def test_a_role_in_a_workspace_is_no_right_in_another_and_a_viewer_steers_nothing(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    many(database, workspace_actor, 2)
    with database.read() as session:
        jobs = session.exec(select(Job.id)).all()
    with database.write() as session:
        assert not any(one.done for one in steering.steer_many(session, other_actor, jobs, Steer.PAUSE))
    looking = dataclasses.replace(as_operator(workspace_actor, OperatorRole.READ), role=Role.VIEWER)
    with pytest.raises(NotPermitted, match="viewer"), database.write() as session:
        steering.steer_many(session, looking, jobs, Steer.PAUSE)


def test_between_transactions_of_one_file_others_get_their_turn(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(database, workspace_actor, 6)
    pauses: list[float] = []
    monkeypatch.setattr(operations_bulk, "BATCH", 2)
    monkeypatch.setattr(operations_bulk.time, "sleep", pauses.append)
    assert operations_bulk.steer_matching(database, as_operator(workspace_actor), move=Steer.PAUSE).done == 6
    assert pauses == ([operations_bulk.PAUSE_SECONDS] * 3 if database.is_sqlite else [])


def test_the_filter_holds_and_what_came_after_the_question_is_left_alone(
    database: Database, workspace_actor: Actor
) -> None:
    stored(database, workspace_actor)
    operator = as_operator(workspace_actor)
    with database.read() as session:
        asked = {
            (state, queue): operations_bulk.matching(session, operator, move=Steer.CANCEL, state=state, queue=queue)
            for state, queue in (("all", None), ("waiting", None), ("running", "collect"), ("open", "ai"))
        }
    assert [found.count for found in asked.values()] == [3, 2, 1, 0]
    many(database, workspace_actor, 4)
    outcome = operations_bulk.steer_matching(
        database, operator, move=Steer.CANCEL, state="waiting", newest=asked["waiting", None].newest
    )
    assert (outcome.matched, outcome.done) == (2, 2)
    assert statuses(database).count("cancelled") == 2
    assert statuses(database).count("queued") == 4


def test_more_than_one_action_takes_is_left_and_said(database: Database, workspace_actor: Actor) -> None:
    many(database, workspace_actor, 6)
    operator = as_operator(workspace_actor)
    outcome = operations_bulk.steer_matching(database, operator, move=Steer.PAUSE, most=4)
    assert (outcome.done, outcome.left) == (4, 2)
    assert operations_bulk.steer_matching(database, operator, move=Steer.PAUSE, most=4).done == 2
    with pytest.raises(InvalidInput, match="from 1 to 10,000"):
        operations_bulk.steer_matching(database, operator, move=Steer.PAUSE, most=0)


def test_only_letters_that_lie_there_are_retried_and_a_refusal_says_why(
    database: Database, workspace_actor: Actor
) -> None:
    operator = as_operator(workspace_actor)
    with database.write() as session:
        for status in ("cancelled", "running"):
            analysis = factories.ask(session, workspace_actor)
            session.flush()
            for number in (7, 8):
                dead = job(session, analysis, number, status=JobStatus.DEAD)
                session.flush()
                letter = DeadLetter(job_id=dead.id, workspace_id=dead.workspace_id, reason="It broke.", attempts=3)
                letter.resolved_at = dead.run_after if number == 8 else None
                session.add(letter)
            analysis.status = status
    outcome = operations_bulk.steer_matching(database, operator, move=Steer.RETRY, state="dead")
    assert (outcome.matched, outcome.done, outcome.refused) == (2, 1, 1)
    assert outcome.why == "Its analysis was cancelled; ask for a new one."
    assert statuses(database).count("dead") == 3


def test_who_only_looks_or_does_not_run_the_installation_cannot(
    sqlite_database: Database, workspace_actor: Actor
) -> None:
    many(sqlite_database, workspace_actor, 2)
    for actor in (workspace_actor, as_operator(workspace_actor, OperatorRole.READ)):
        with pytest.raises(NotPermitted):
            operations_bulk.steer_matching(sqlite_database, actor, move=Steer.PAUSE)
        with sqlite_database.read() as session, pytest.raises(NotPermitted):
            operations_bulk.matching(session, actor, move=Steer.PAUSE)
    assert statuses(sqlite_database) == ["queued"] * 2


def test_nothing_that_matches_is_nothing_done_and_nothing_audited(
    sqlite_database: Database, workspace_actor: Actor
) -> None:
    operator = as_operator(workspace_actor)
    with sqlite_database.read() as session:
        found = operations_bulk.matching(session, operator, move=Steer.DISCARD, state="all")
    assert found == Matching(count=0, newest=None)
    assert operations_bulk.steer_matching(sqlite_database, operator, move=Steer.DISCARD).matched == 0
    with sqlite_database.read() as session:
        assert session.exec(select(AuditEvent)).all() == []
