"""Who a request is from: a key, else a session; never a mixture."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.api import caller
from app.core import web
from app.models import ApiKey
from app.services import sessions
from tests.app.api.v1.story import Api, api_for, fault


@pytest.fixture(autouse=True)
def _forget():
    caller._noted.clear()


@pytest.fixture
def cookie(sqlite_database) -> dict[str, str]:
    with sqlite_database.write() as session:
        token = sessions.sign_in_with_link(session, sessions.new_welcome_link(session)).token
    return {"cookie": f"{web.cookie_name()}={token}"}


def test_a_session_cookie_reads(cookie):
    assert Api(None, cookie).get("/analyses") == {"rows": [], "next_cursor": None}


def test_an_ended_session_does_not(cookie, sqlite_database):
    with sqlite_database.write() as session:
        sessions.sign_out(session, web.session_token(cookie["cookie"]))
    fault(Api(None, cookie)("GET", "/analyses"), 401)


def test_a_bad_key_is_not_saved_by_a_good_cookie(cookie):
    fault(Api("ast_wrong", cookie)("GET", "/analyses"), 401)


@pytest.mark.parametrize("scheme", ["bearer", "Bearer", "BEARER"])
def test_the_schemes_case_does_not_matter(sqlite_database, workspace_actor, scheme):
    key = api_for(sqlite_database, workspace_actor).key
    assert Api(None, {"authorization": f"{scheme} {key}"}).get("/analyses")["rows"] == []


def test_the_use_of_a_key_is_noted_once_a_minute(sqlite_database, workspace_actor):
    api = api_for(sqlite_database, workspace_actor)

    def last_use():
        with sqlite_database.read() as session:
            return session.exec(select(ApiKey.last_used_at)).one()

    assert last_use() is None
    api.get("/analyses")
    first = last_use()
    assert first is not None
    api.get("/analyses")
    assert last_use() == first
