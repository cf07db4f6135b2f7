"""The audit trail over REST."""

from __future__ import annotations

import pytest

from app.models import Role
from tests.app.api.v1.story import api_for, fault


@pytest.fixture
def owner(sqlite_database, workspace_actor):
    return api_for(sqlite_database, workspace_actor, role=Role.OWNER)


def test_who_did_what_is_paged_and_filtered(owner):
    for name in ("a", "b", "c"):
        assert owner("POST", "/keys", json={"name": name, "role": "viewer"}).status_code == 201
    first = owner.get("/audit", kind="key", limit=2)
    rest = owner.get("/audit", kind="key", cursor=first["next_cursor"])
    assert rest["next_cursor"] is None
    rows = [*first["rows"], *rest["rows"]]
    assert [(row["what"], row["on"], row["detail"], row["who"]) for row in rows] == [
        ("Made an API key", "c", "role viewer", "Key test"),
        ("Made an API key", "b", "role viewer", "Key test"),
        ("Made an API key", "a", "role viewer", "Key test"),
        ("Made an API key", "test", "role owner", "Ada"),
    ]
    assert owner.get("/audit", kind="file")["rows"] == []


def test_no_secret_of_a_key_is_in_it(owner):
    made = owner("POST", "/keys", json={"name": "nightly"}).json()
    text = owner("GET", "/audit").text
    assert made["id"] in text
    assert made["secret"] not in text
    assert "token" not in text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_a_key_below_admin_reads_none_of_it(sqlite_database, workspace_actor, role):
    below = api_for(sqlite_database, workspace_actor, role=role)
    assert "ask an owner or admin" in fault(below("GET", "/audit"), 403)["detail"]


def test_another_workspaces_acts_are_not_there(owner, sqlite_database, other_actor):
    other = api_for(sqlite_database, other_actor, role=Role.ADMIN)
    assert [row["on"] for row in other.get("/audit")["rows"]] == ["test"]
    assert owner.get("/audit")["rows"][0]["id"] != other.get("/audit")["rows"][0]["id"]


def test_a_wrong_kind_or_cursor_is_refused(owner):
    assert fault(owner("GET", "/audit", params={"kind": "secrets"}), 422)["field"] == "kind"
    assert fault(owner("GET", "/audit", params={"cursor": "x"}), 422)["field"] == "cursor"


def test_the_trail_is_verified(owner):
    found = owner.get("/audit/verification")
    assert (found["unbroken"], found["events"], found["broken_at"]) == (True, 1, None)
    assert owner.get("/audit/verification", expect=found["head"])["unbroken"]
    assert fault(owner("GET", "/audit/verification", params={"expect": "1"}), 422)["field"] == "expect"


def test_the_trail_is_taken_away_as_csv(owner):
    answer = owner("GET", "/audit/exports/acts.csv", params={"kind": "key"})
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert (lines[0].split(",")[0], len(lines)) == ('"number"', 2)
    assert '"Made an API key","test"' in lines[1]


@pytest.mark.parametrize("path", ["/audit/verification", "/audit/exports/acts.csv"])
def test_a_key_below_admin_neither_verifies_nor_takes_it(sqlite_database, workspace_actor, path):
    below = api_for(sqlite_database, workspace_actor, role=Role.EDITOR)
    assert "ask an owner or admin" in fault(below("GET", path), 403)["detail"]
