from __future__ import annotations

import pytest

from app.models import Role
from tests.app.api.v1.story import Api, api_for, fault


def test_a_key_is_made_used_listed_and_revoked(api):
    made = api("POST", "/keys", json={"name": "nightly", "role": "viewer"})
    assert made.status_code == 201, made.text
    secret = made.json()["secret"]
    assert made.headers["cache-control"] == "no-store"
    assert Api(secret).get("/analyses")["rows"] == []
    rows = api.get("/keys")["rows"]
    assert [(row["name"], row["role"]) for row in rows] == [("nightly", "viewer"), ("test", "editor")]
    assert rows[0]["last_used_at"] is not None
    assert secret not in str(rows)
    for _ in range(2):
        assert api("DELETE", f"/keys/{made.json()['id']}").status_code == 204
    fault(Api(secret)("GET", "/analyses"), 401)


@pytest.mark.parametrize(
    ("body", "field"), [({}, "name"), ({"name": ""}, "name"), ({"name": "x", "role": "king"}, "role")]
)
def test_a_wrong_key_request_is_refused(api, body, field):
    assert fault(api("POST", "/keys", json=body), 422)["field"] == field


def test_a_viewers_key_makes_no_keys(sqlite_database, workspace_actor):
    viewer = api_for(sqlite_database, workspace_actor, role=Role.VIEWER)
    fault(viewer("POST", "/keys", json={"name": "more"}), 403)
    fault(viewer("GET", "/keys"), 403)
