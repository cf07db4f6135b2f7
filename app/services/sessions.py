"""Signing in and out: welcome links, sessions, and whom a session's token stands for.

    welcome link (24 h) → session (14 days, in an HttpOnly cookie) → Actor, looked up at each request and event

Tokens hold 256 random bits and are stored as SHA-256 only.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core import bus, clock, secrets
from app.core.db import after_commit
from app.core.errors import NotSignedIn
from app.models import LoginSession, Member, OperatorRole, Role, User, WelcomeLink, Workspace
from app.services import audit
from app.services.access import Actor, ActorKind

SESSION_LIFE = timedelta(days=14)
WELCOME_LINK_LIFE = timedelta(hours=24)

LOCAL_WORKSPACE_ID = "00000000-0000-7000-8000-000000000001"
"""The workspace of whoever runs the program. A fixed id, so that two first starts at once make one."""

LOCAL_USER_ID = "00000000-0000-7000-8000-000000000002"

MAX_TOKEN_LENGTH = 200


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session. The token goes into the cookie and nowhere else."""

    token: str
    expires_at: datetime


def local_owner(session: Session) -> Actor:
    """Return the owner of the local workspace; make both when they are absent."""
    user = session.get(User, LOCAL_USER_ID)
    if user is None:
        try:
            with session.begin_nested():
                session.add(Workspace(id=LOCAL_WORKSPACE_ID, name="My workspace"))
                session.add(User(id=LOCAL_USER_ID, name="You", operator=OperatorRole.STEER))
                session.flush()
                session.add(Member(workspace_id=LOCAL_WORKSPACE_ID, user_id=LOCAL_USER_ID, role=Role.OWNER))
        except IntegrityError:
            pass  # another process was first; its rows are the same
    return Actor(
        kind=ActorKind.USER,
        id=LOCAL_USER_ID,
        workspace_id=LOCAL_WORKSPACE_ID,
        role=Role.OWNER,
        name=user.name if user is not None else "You",
        operator=OperatorRole.STEER if user is None else user.operator,
    )


def new_welcome_link(session: Session) -> str:
    """Make a link's token that signs in as the local owner for the next 24 hours.

    It works more than once: people open it, close the tab, and open the same line of the terminal again. Whoever can
    read that terminal can also read the data folder, so a single use would protect nothing.
    """
    owner = local_owner(session)
    now = clock.now()
    token = secrets.new_token()
    session.add(
        WelcomeLink(
            token_hash=secrets.token_hash(token),
            user_id=owner.id,
            workspace_id=owner.workspace_id,
            expires_at=now + WELCOME_LINK_LIFE,
        )
    )
    return token


def sign_in_with_link(session: Session, token: str) -> SignedIn:
    """Start a session for the holder of a welcome link.

    Raises:
        NotSignedIn: The link is unknown or has expired.
    """
    now = clock.now()
    link = None
    if 0 < len(token) <= MAX_TOKEN_LENGTH:
        link = session.exec(
            select(WelcomeLink).where(
                WelcomeLink.token_hash == secrets.token_hash(token), col(WelcomeLink.expires_at) > now
            )
        ).first()
    actor = _member(session, link.user_id, link.workspace_id) if link is not None else None
    if actor is None:
        raise NotSignedIn("This link is not valid any more; start the program again and open the link that it prints.")
    signed_in = SignedIn(token=secrets.new_token(), expires_at=now + SESSION_LIFE)
    row = LoginSession(
        token_hash=secrets.token_hash(signed_in.token),
        user_id=actor.id,
        workspace_id=actor.workspace_id,
        expires_at=signed_in.expires_at,
    )
    session.add(row)
    audit.record(session, actor, "session:start", row.id)
    return signed_in


def actor_for_session(session: Session, token: str) -> Actor | None:
    """Return whom the token of a session stands for; None when it is unknown, ended or expired.

    The role is read each time, so a changed or removed membership counts from the next request on.
    """
    row = _live(session, token)
    return None if row is None else _member(session, row.user_id, row.workspace_id)


def live_tokens(session: Session, tokens: Collection[str]) -> frozenset[str]:
    """Return those of the tokens whose sessions are good now."""
    hashes = {secrets.token_hash(token): token for token in tokens}
    found = session.exec(
        select(LoginSession.token_hash)
        .join(
            Member,
            (col(Member.user_id) == LoginSession.user_id) & (col(Member.workspace_id) == LoginSession.workspace_id),
        )
        .where(
            col(LoginSession.token_hash).in_(hashes),
            col(LoginSession.ended_at).is_(None),
            col(LoginSession.expires_at) > clock.now(),
        )
    )
    return frozenset(hashes[row] for row in found)


def sign_out(session: Session, token: str) -> bool:
    """End a session and tell open pages; return whether there was one. Safe to repeat."""
    row = _live(session, token)
    if row is None:
        return False
    row.ended_at = clock.now()
    session.add(row)
    actor = _member(session, row.user_id, row.workspace_id)
    if actor is not None:
        audit.record(session, actor, "session:end", row.id)
    message: dict[str, object] = {"ended": row.id}
    after_commit(session, lambda: bus.publish(bus.session_channel(), message))
    return True


def _live(session: Session, token: str) -> LoginSession | None:
    if not 0 < len(token) <= MAX_TOKEN_LENGTH:
        return None
    return session.exec(
        select(LoginSession).where(
            LoginSession.token_hash == secrets.token_hash(token),
            col(LoginSession.ended_at).is_(None),
            col(LoginSession.expires_at) > clock.now(),
        )
    ).first()


def _member(session: Session, user_id: str, workspace_id: str) -> Actor | None:
    found = session.exec(
        select(Member, User)
        .join(User, col(User.id) == Member.user_id)
        .where(Member.user_id == user_id, Member.workspace_id == workspace_id)
    ).first()
    if found is None:
        return None
    member, user = found
    return Actor(
        kind=ActorKind.USER,
        id=user.id,
        workspace_id=member.workspace_id,
        role=Role(member.role),
        name=user.name,
        operator=user.operator,
    )
