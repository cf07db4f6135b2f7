"""Welcome links and sessions, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from app.core import clock, secrets
from app.core.db import Database
from app.core.errors import NotSignedIn
from app.models import AuditEvent, LoginSession, Member, User, WelcomeLink, Workspace
from app.services import sessions


def _link(database: Database) -> str:
    with database.write() as session:
        return sessions.new_welcome_link(session)


def _sign_in(database: Database, link: str) -> str:
    with database.write() as session:
        return sessions.sign_in_with_link(session, link).token


def test_a_welcome_link_signs_in_as_the_local_owner(database: Database) -> None:
    token = _sign_in(database, _link(database))
    with database.read() as session:
        actor = sessions.actor_for_session(session, token)
    assert actor is not None
    assert (actor.name, actor.role, actor.workspace_id) == ("You", "owner", sessions.LOCAL_WORKSPACE_ID)


def test_the_local_owner_is_made_once(database: Database) -> None:
    for _ in range(3):
        _link(database)
    with database.read() as session:
        counts = [len(session.exec(select(table)).all()) for table in (Workspace, User, Member)]
    assert counts == [1, 1, 1]


def test_a_link_works_again_until_it_expires(database: Database) -> None:
    link = _link(database)
    first, second = _sign_in(database, link), _sign_in(database, link)
    assert first != second
    with clock.fixed(clock.now() + sessions.WELCOME_LINK_LIFE + timedelta(seconds=1)), pytest.raises(NotSignedIn):
        _sign_in(database, link)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 201])
def test_a_wrong_link_signs_nobody_in(database: Database, token: str) -> None:
    _link(database)
    with pytest.raises(NotSignedIn, match="start the program again"):
        _sign_in(database, token)


def test_tokens_are_stored_as_hashes_only(database: Database) -> None:
    link = _link(database)
    token = _sign_in(database, link)
    with database.read() as session:
        stored = [
            session.exec(select(WelcomeLink)).one().token_hash,
            session.exec(select(LoginSession)).one().token_hash,
        ]
    assert stored == [secrets.token_hash(link), secrets.token_hash(token)]


def test_a_session_ends_after_its_life(database: Database) -> None:
    token = _sign_in(database, _link(database))
    with clock.fixed(clock.now() + sessions.SESSION_LIFE + timedelta(seconds=1)), database.read() as session:
        assert sessions.actor_for_session(session, token) is None


def test_signing_out_ends_the_session_once_and_leaves_an_audit_trail(database: Database) -> None:
    token = _sign_in(database, _link(database))
    with database.write() as session:
        assert sessions.sign_out(session, token)
    with database.write() as session:
        assert not sessions.sign_out(session, token)
        assert sessions.actor_for_session(session, token) is None
        actions = [row.action for row in session.exec(select(AuditEvent).order_by(AuditEvent.id))]
    assert actions == ["session:start", "session:end"]


def test_a_removed_member_is_nobody_from_the_next_look_up_on(database: Database) -> None:
    token = _sign_in(database, _link(database))
    with database.write() as session:
        session.delete(session.exec(select(Member)).one())
    with database.read() as session:
        assert sessions.actor_for_session(session, token) is None
