"""API keys: shown once, stored as a hash, never mightier than who made them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from app.core import clock, secrets
from app.core.errors import InvalidInput, NotFound, NotPermitted
from app.models import ApiKey, Member, Role, User
from app.services import audit
from app.services.access import Action, Actor, ActorKind, require

KEY_PREFIX = "ast_"
SHOWN_LENGTH = len(KEY_PREFIX) + 6
MAX_NAME_LENGTH = 100
NOTE_USE_EVERY = timedelta(minutes=1)
_RANK = {role: rank for rank, role in enumerate((Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER))}


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. The secret is not stored: show it now."""

    id: str
    secret: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in a list: never its secret, only the first letters of it."""

    id: str
    name: str
    prefix: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def create(session: Session, actor: Actor, name: str, *, role: Role = Role.EDITOR) -> NewKey:
    """Make a key for the actor's workspace.

    Raises:
        NotPermitted: The actor may not make keys, or the role is higher than the actor's own.
        InvalidInput: The name is empty or longer than 100 characters.
    """
    require(actor, Action.KEY_CREATE)
    name = " ".join("".join(character if character.isprintable() else " " for character in name).split())
    if not 0 < len(name) <= MAX_NAME_LENGTH:
        raise InvalidInput(f"A key needs a name of 1 to {MAX_NAME_LENGTH} characters.", field="name")
    if _RANK[role] > _RANK[Role(actor.role)]:
        raise NotPermitted(f"Your role is {actor.role}; a key that you make cannot be {role}.")
    owner = actor.id if actor.kind is ActorKind.USER else _maker(session, actor)
    secret = secrets.new_token(KEY_PREFIX)
    key = ApiKey(
        workspace_id=actor.workspace_id,
        user_id=owner,
        name=name,
        prefix=secret[:SHOWN_LENGTH],
        token_hash=secrets.token_hash(secret),
        role=role,
        made_by_key_id=actor.id if actor.kind is ActorKind.KEY else None,
    )
    session.add(key)
    audit.record(session, actor, Action.KEY_CREATE, key.id, name=name, role=str(role))
    return NewKey(id=key.id, secret=secret)


def actor_for_key(session: Session, secret: str) -> Actor | None:
    """Return whom a key stands for; None when it is unknown or revoked, or its maker has left the workspace."""
    if not secret.startswith(KEY_PREFIX) or len(secret) > 200:
        return None
    found = session.exec(
        select(ApiKey, Member, User)
        .join(Member, (col(Member.user_id) == ApiKey.user_id) & (col(Member.workspace_id) == ApiKey.workspace_id))
        .join(User, col(User.id) == Member.user_id)
        .where(ApiKey.token_hash == secrets.token_hash(secret), col(ApiKey.revoked_at).is_(None))
    ).first()
    if found is None:
        return None
    key, maker, person = found
    role = min(Role(key.role), Role(maker.role), key=_RANK.__getitem__)
    return Actor(
        kind=ActorKind.KEY,
        id=key.id,
        workspace_id=key.workspace_id,
        role=role,
        name=key.name,
        # Only a key that was made for administering reaches beyond its workspace.
        operator=person.operator if _RANK[role] >= _RANK[Role.ADMIN] else None,
    )


def note_use(session: Session, key_id: str) -> None:
    """Remember that a key was used now, at most once a minute, so that reading does not become writing."""
    now = clock.now()
    key = session.get(ApiKey, key_id)
    if key is not None and (key.last_used_at is None or now - key.last_used_at >= NOTE_USE_EVERY):
        key.last_used_at = now
        session.add(key)


def rows(session: Session, actor: Actor) -> list[KeyRow]:
    """Return the workspace's keys, newest first.

    Raises:
        NotPermitted: The actor may not see keys.
    """
    require(actor, Action.KEY_READ)
    found = session.exec(
        select(ApiKey).where(ApiKey.workspace_id == actor.workspace_id).order_by(col(ApiKey.id).desc())
    ).all()
    return [
        KeyRow(key.id, key.name, key.prefix, Role(key.role), key.created_at, key.last_used_at, key.revoked_at)
        for key in found
    ]


def revoke(session: Session, actor: Actor, key_id: str) -> None:
    """Make a key worthless from now on, and every key that it made. Safe to repeat.

    Raises:
        NotPermitted: The actor may not revoke keys.
        NotFound: There is no such key in the workspace.
    """
    require(actor, Action.KEY_REVOKE)
    key = session.get(ApiKey, key_id)
    if key is None or key.workspace_id != actor.workspace_id:
        raise NotFound("There is no key with this id in your workspace.")
    line = [key]
    for one in line:  # grows while it is walked: what a stolen key made must not outlive it
        line += session.exec(select(ApiKey).where(ApiKey.made_by_key_id == one.id)).all()
        if one.revoked_at is None:
            one.revoked_at = clock.now()
            session.add(one)
            audit.record(session, actor, Action.KEY_REVOKE, one.id)


def _maker(session: Session, actor: Actor) -> str:
    """Return the person behind a key that makes another key."""
    key = session.get(ApiKey, actor.id) if actor.kind is ActorKind.KEY else None
    if key is None:
        raise NotPermitted("Only a person, or a key that a person made, can make a key.")
    return key.user_id
