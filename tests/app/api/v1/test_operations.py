"""Operations over REST, for a key that an operator made for administering."""

from __future__ import annotations

import pytest

from app.models import Role
from app.services import keys, sessions
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
