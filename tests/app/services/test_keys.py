"""API keys, on both databases."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from sqlmodel import select

from app.core import clock, secrets
from app.core.db import Database
from app.core.errors import InvalidInput, NotFound, NotPermitted
from app.models import ApiKey, AuditEvent, Member, Role
from app.services import keys
from app.services.access import Actor


def _create(database: Database, actor: Actor, role: Role = Role.EDITOR) -> keys.NewKey:
    with database.write() as session:
        return keys.create(session, actor, "  my   script ", role=role)


def _actor(database: Database, secret: str) -> Actor | None:
    with database.read() as session:
        return keys.actor_for_key(session, secret)


def test_a_key_stands_for_its_workspace_with_its_own_role(database: Database, workspace_actor: Actor) -> None:
    key = _create(database, workspace_actor, Role.VIEWER)
    actor = _actor(database, key.secret)
    assert actor is not None
    assert (actor.kind, actor.id, actor.workspace_id, actor.role, actor.name) == (
        "key",
        key.id,
        workspace_actor.workspace_id,
        "viewer",
        "my script",
    )


def test_the_secret_is_stored_as_a_hash_and_shown_as_its_first_letters(
    database: Database, workspace_actor: Actor
) -> None:
    key = _create(database, workspace_actor)
    with database.read() as session:
        row = session.exec(select(ApiKey)).one()
        shown = keys.rows(session, workspace_actor)[0]
    assert row.token_hash == secrets.token_hash(key.secret)
    assert key.secret not in repr(row)
    assert key.secret.startswith(shown.prefix)
    assert len(shown.prefix) == 10


@pytest.mark.parametrize("secret", ["", "ast_", "ast_wrong", "wrong", "ast_" + "x" * 300])
def test_an_unknown_key_stands_for_nobody(database: Database, workspace_actor: Actor, secret: str) -> None:
    _create(database, workspace_actor)
    assert _actor(database, secret) is None


def test_a_revoked_key_is_worthless_and_revoking_is_safe_to_repeat(database: Database, workspace_actor: Actor) -> None:
    key = _create(database, workspace_actor)
    for _ in range(2):
        with database.write() as session:
            keys.revoke(session, workspace_actor, key.id)
    assert _actor(database, key.secret) is None
    with database.read() as session:
        actions = [row.action for row in session.exec(select(AuditEvent).order_by(AuditEvent.id))]
    assert actions == ["key:create", "key:revoke"]


def test_a_key_of_another_workspace_is_not_found(
    database: Database, workspace_actor: Actor, other_actor: Actor
) -> None:
    key = _create(database, workspace_actor)
    with database.write() as session, pytest.raises(NotFound):
        keys.revoke(session, other_actor, key.id)
    assert _actor(database, key.secret) is not None
    with database.read() as session:
        assert keys.rows(session, other_actor) == []


def test_nobody_makes_a_key_mightier_than_themselves(database: Database, workspace_actor: Actor) -> None:
    editor = dataclasses.replace(workspace_actor, role=Role.EDITOR)
    with pytest.raises(NotPermitted, match="cannot be admin"):
        _create(database, editor, Role.ADMIN)


def test_a_viewer_makes_no_keys(database: Database, workspace_actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        _create(database, dataclasses.replace(workspace_actor, role=Role.VIEWER), Role.VIEWER)


def test_a_key_sinks_with_its_makers_role_and_dies_with_their_membership(
    database: Database, workspace_actor: Actor
) -> None:
    key = _create(database, workspace_actor, Role.ADMIN)
    with database.write() as session:
        member = session.exec(select(Member).where(Member.user_id == workspace_actor.id)).one()
        member.role = Role.VIEWER
        session.add(member)
    lowered = _actor(database, key.secret)
    assert lowered is not None
    assert lowered.role == "viewer"
    with database.write() as session:
        session.delete(session.exec(select(Member).where(Member.user_id == workspace_actor.id)).one())
    assert _actor(database, key.secret) is None


def test_a_key_made_by_a_key_belongs_to_the_same_person(database: Database, workspace_actor: Actor) -> None:
    first = _actor(database, _create(database, workspace_actor).secret)
    assert first is not None
    second = _create(database, first)
    with database.read() as session:
        assert session.exec(select(ApiKey).where(ApiKey.id == second.id)).one().user_id == workspace_actor.id


def test_revoking_a_key_takes_the_keys_with_it_that_it_made(database: Database, workspace_actor: Actor) -> None:
    first, other = _create(database, workspace_actor), _create(database, workspace_actor)
    second = _create(database, _actor(database, first.secret))
    third = _create(database, _actor(database, second.secret))
    with database.write() as session:
        keys.revoke(session, workspace_actor, first.id)
    assert [_actor(database, key.secret) for key in (first, second, third)] == [None, None, None]
    assert _actor(database, other.secret) is not None


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_key_needs_a_name(database: Database, workspace_actor: Actor, name: str) -> None:
    with database.write() as session, pytest.raises(InvalidInput):
        keys.create(session, workspace_actor, name)


def test_use_is_noted_at_most_once_a_minute(database: Database, workspace_actor: Actor) -> None:
    key = _create(database, workspace_actor)
    start = clock.now()
    noted = []
    for seconds in (0, 30, 61):
        with clock.fixed(start + timedelta(seconds=seconds)), database.write() as session:
            keys.note_use(session, key.id)
        with database.read() as session:
            used = session.exec(select(ApiKey)).one().last_used_at
            assert used is not None
            noted.append(round((used - start).total_seconds()))
    assert noted == [0, 0, 61]
