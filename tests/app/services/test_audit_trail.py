"""The audit trail as owners read it, on both databases."""

from __future__ import annotations

import ast
import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

import app.services
from app.core.db import Database
from app.core.errors import InvalidInput, NotPermitted
from app.models import Job, Role
from app.services import audit, audit_trail, keys, steering
from app.services.access import Actor
from app.services.audit_trail import AuditRow
from app.services.audit_words import ACTS, KIND_WORDS
from app.services.steering import Steer
from app.services.transitions import AnalysisMove
from tests import factories
from tests.app.services.operated import as_operator

SECRET = "ast_do-not-show-me"


def trail(database: Database, actor: Actor, **asked: object) -> list[AuditRow]:
    with database.read() as session:
        return list(audit_trail.rows(session, actor, **asked).rows)


def act(session: Session, actor: Actor, action: str, subject: str = "x", **data: audit.Plain) -> None:
    audit.record(session, actor, action, subject, **data)
    session.flush()


def test_who_did_what_on_what_stands_there_newest_first(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = factories.ask(session, workspace_actor)
        session.flush()
        key = keys.create(session, workspace_actor, "nightly", role=Role.VIEWER)
        session.flush()
        job = session.exec(select(Job).where(Job.analysis_id == analysis.id)).one()
        steering.steer(session, workspace_actor, job.id, Steer.CANCEL)
    found = trail(database, workspace_actor)
    assert [(row.what, row.who, row.detail) for row in found] == [
        ("Cancelled a job", "Ada", "queued → cancelled"),
        ("Made an API key", "Ada", "role viewer"),
        ("Started an analysis", "Ada", "r/selfhosted"),
    ]
    assert [row.on for row in found] == [f"Collect r/selfhosted: {analysis.question}", "nightly", analysis.question]
    assert [row.analysis_id for row in found] == [analysis.id, None, analysis.id]
    assert key.secret not in str(found)
    assert [row.at for row in found] == sorted((row.at for row in found), reverse=True)


def test_an_operators_act_is_told_with_the_name_and_tells_nothing_of_the_other_workspace(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    with database.write() as session:
        analysis = factories.ask(session, workspace_actor)
        session.flush()
        job = session.exec(select(Job).where(Job.analysis_id == analysis.id)).one()
        steering.steer(session, as_operator(other_actor), job.id, Steer.PAUSE)
    ours = trail(database, workspace_actor)[0]
    assert (ours.what, ours.who, ours.operator, ours.analysis_id) == ("Paused a job", "Eve", True, analysis.id)
    (theirs,) = trail(database, other_actor)
    assert (theirs.what, theirs.who, theirs.on, theirs.analysis_id) == (
        "Paused a job",
        "Eve",
        audit_trail.ELSEWHERE,
        None,
    )
    assert analysis.question not in str(theirs)


def test_only_owners_and_admins_read_it_and_only_their_own(
    database: Database, workspace_actor: Actor, other_actor: Actor
):
    with database.write() as session:
        act(session, workspace_actor, "session:start")
    assert trail(database, other_actor) == []
    for role in (Role.OWNER, Role.ADMIN):
        assert len(trail(database, dataclasses.replace(workspace_actor, role=role))) == 1
    for role in (Role.EDITOR, Role.VIEWER):
        with pytest.raises(NotPermitted, match="owner or admin"):
            trail(database, dataclasses.replace(workspace_actor, role=role))
    operator = as_operator(dataclasses.replace(workspace_actor, role=Role.VIEWER))
    with pytest.raises(NotPermitted):
        trail(database, operator)


def test_pages_follow_each_other_and_a_kind_is_found_among_many_others(database: Database, workspace_actor: Actor):
    with database.write() as session:
        for number in range(30):
            act(session, workspace_actor, f"job:{('pause', 'resume')[number % 2]}")
            if number % 10 == 0:
                act(session, workspace_actor, "key:create", name=f"key {number}")
    with database.read() as session:
        seen: list[str] = []
        cursor = None
        while True:
            page = audit_trail.rows(session, workspace_actor, cursor=cursor, limit=10)
            seen += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert len(seen) == 33
        assert seen == sorted(set(seen), reverse=True)
        first = audit_trail.rows(session, workspace_actor, kind="key", limit=2)
        rest = audit_trail.rows(session, workspace_actor, kind="key", cursor=first.next_cursor, limit=2)
        assert [row.on for row in [*first.rows, *rest.rows]] == ["key 20", "key 10", "key 0"]
        assert rest.next_cursor is None
        assert len(audit_trail.rows(session, workspace_actor, kind="job", limit=100).rows) == 30
        with pytest.raises(InvalidInput):
            audit_trail.rows(session, workspace_actor, cursor="no cursor")


def test_what_nobody_chose_to_show_is_not_shown(database: Database, workspace_actor: Actor):
    with database.write() as session:
        for action in [*ACTS, "new:act"]:
            act(session, workspace_actor, action, token=SECRET, password=SECRET)
        act(session, workspace_actor, "queue:hold", "ai", reason="x" * 5000)
    found = trail(database, workspace_actor, limit=100)
    assert SECRET not in str(found)
    assert {row.what for row in found} >= {"new:act", "Held a queue"}
    assert len(found[0].detail) == 300


def test_lists_read_no_further_than_a_page(sqlite_database: Database):
    with sqlite_database.read() as session:
        for where in ("workspace_id = 'x'", "workspace_id = 'x' AND action = 'key:create'"):
            plan = session.connection().execute(
                text(f"EXPLAIN QUERY PLAN SELECT id FROM audit_event WHERE {where} ORDER BY id DESC LIMIT 51")
            )
            steps = " ".join(str(step) for step in plan)
            assert "ix_audit_event_workspace_id" in steps
            assert "TEMP B-TREE" not in steps


def recorded() -> set[str]:
    """Find every act that the services write; `{move}` stands for what is put in when it runs."""
    found = set()
    for path in Path(app.services.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func).startswith("audit.record"):
                at = 3 if ast.unparse(call.func).endswith("for_owner") else 2
                found.add(ast.unparse(call.args[at]))
    return found


def test_every_act_that_is_written_has_its_words():
    moves = {
        "f'analysis:{move}'": [str(AnalysisMove[name]) for name in ("PAUSE", "RESUME", "CANCEL")],
        "f'job:{move}'": list(Steer),
        "f'jobs:{move}'": list(Steer),
        "Action.KEY_CREATE": [""],
        "Action.KEY_REVOKE": [""],
    }
    written = recorded()
    assert len(written) > 10
    named = set()
    for action in written:
        if action in moves and action.startswith("f"):
            named |= {ast.literal_eval(action[1:]).replace("{move}", str(move)) for move in moves[action]}
        elif action in moves:
            named.add(action.replace("Action.", "").replace("_", ":").lower())
        else:
            named.add(ast.literal_eval(action))
    assert named == set(ACTS)
    assert {act.kind for act in ACTS.values()} == set(KIND_WORDS)
