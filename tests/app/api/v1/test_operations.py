"""Operations over REST, for a key that an operator made for administering."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.models import Job, JobStatus, Role
from app.services import keys, sessions
from app.services.breaker import Breaker
from integrations.errors import Unreachable
from tests.app.api.v1.story import Api, fault, tell


@pytest.fixture
def operator(sqlite_database):
    with sqlite_database.write() as session:
        return Api(keys.create(session, sessions.local_owner(session), "ops", role=Role.ADMIN).secret)


def test_an_operator_sees_every_workspace_and_holds_a_queue(operator, sqlite_database, other_actor):
    story = tell(sqlite_database, other_actor)
    rows = operator.get("/operations/jobs", state="all")["rows"]
    assert story.job in {row["id"] for row in rows}
    detail = operator.get(f"/operations/jobs/{story.job}")
    assert detail["job"]["id"] == story.job
    assert operator("PUT", "/operations/queues/ai/hold", json={"reason": "The model is down"}).status_code == 204
    held = {row["queue"]: row["hold"] for row in operator.get("/operations")["queues"]}
    assert held["ai"]["reason"] == "The model is down"
    assert held["collect"] is None
    for _ in range(2):
        assert operator("DELETE", "/operations/queues/ai/hold").status_code == 204
    assert all(row["hold"] is None for row in operator.get("/operations")["queues"])


def test_what_is_not_there_is_said(operator):
    fault(operator("PUT", "/operations/queues/mail/hold", json={"reason": "x"}), 404)
    fault(operator("GET", "/operations/jobs/no-id"), 404)
    assert fault(operator("GET", "/operations/jobs?state=lost"), 422)["field"] == "state"
    assert fault(operator("GET", "/operations/jobs?cursor=zzz"), 422)["field"] == "cursor"


def test_all_that_a_filter_matches_is_counted_then_done(operator, sqlite_database, other_actor):
    for _ in range(2):
        tell(sqlite_database, other_actor, status="running")
    with sqlite_database.write() as session:
        for job in session.exec(select(Job)):
            job.status = JobStatus.QUEUED
    found = operator.get("/operations/matching", move="cancel", state="waiting")
    assert found["count"] == 2
    wanted = {"move": "cancel", "state": "waiting", "newest": found["newest"], "most": 1}
    outcome = operator("POST", "/operations/matching", json=wanted).json()
    assert (outcome["matched"], outcome["done"], outcome["left"]) == (2, 1, 1)
    assert operator("POST", "/operations/matching", json={**wanted, "most": 5}).json()["done"] == 1
    assert operator.get("/operations/matching", move="cancel")["count"] == 0
    assert fault(operator("POST", "/operations/matching", json={**wanted, "most": 10_001}), 422)["field"] == "most"
    assert fault(operator("POST", "/operations/matching", json={"move": "pause"}), 422)["field"] == "state"


def test_an_editor_counts_and_closes_nothing(sqlite_database, valkey):
    with sqlite_database.write() as session:
        key = keys.create(session, sessions.local_owner(session), "plain", role=Role.EDITOR)
    editor = Api(key.secret)
    fault(editor("GET", "/operations/matching?move=pause"), 403)
    fault(editor("POST", "/operations/matching", json={"move": "pause", "state": "all"}), 403)
    fault(editor("GET", "/operations/providers"), 403)
    fault(editor("POST", "/operations/providers/reddit/close"), 403)


def test_a_provider_that_is_left_alone_is_asked_again_by_hand(operator, valkey):
    for _ in range(5):
        Breaker("reddit", "Reddit").report(Unreachable("Reddit is down.", provider="reddit"))
    shown = {row["provider"]: row for row in operator.get("/operations/providers")["rows"]}
    assert (shown["reddit"]["state"], shown["reddit"]["why"]) == ("open", "Reddit is down.")
    assert shown["reddit"]["until"].endswith("Z")
    assert shown["youtube"]["state"] == "closed"
    for _ in range(2):
        assert operator("POST", "/operations/providers/reddit/close").status_code == 204
    assert {row["state"] for row in operator.get("/operations/providers")["rows"]} == {"closed"}
    fault(operator("POST", "/operations/providers/nobody/close"), 404)
