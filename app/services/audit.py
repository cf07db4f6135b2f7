"""Who did what: one append-only row for each change that a person or a key asked for."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from app.models import AuditEvent
from app.services import audit_chain
from app.services.access import Actor

Plain = str | int | float | bool | None


def record(session: Session, actor: Actor, action: str, subject: str, **data: Plain) -> None:
    """Add an audit event to the running transaction: it is stored if, and only if, the change itself is.

    Args:
        session: The transaction of the change.
        actor: Who did it.
        action: What was done, as `noun:verb` (`key:revoke`).
        subject: Id of what it was done to.
        data: Plain facts that explain it; never a credential.
    """
    _add(session, actor, actor.workspace_id, action, subject, data)


def record_for_owner(session: Session, actor: Actor, owner: str, action: str, subject: str, **data: Plain) -> None:
    """Add the same to the trail of the workspace whose thing it is, when an operator of another one did it.

    Args:
        session: The transaction of the change.
        actor: Who did it; the owners do not know the id, so the name goes with it.
        owner: Id of the workspace that owns the subject; nothing is added when it is the actor's own.
        action: As of `record`.
        subject: As of `record`.
        data: As of `record`.
    """
    if owner != actor.workspace_id:
        _add(session, actor, owner, action, subject, {**data, "operator": actor.name})


def _add(
    session: Session, actor: Actor, workspace_id: str, action: str, subject: str, data: Mapping[str, Plain]
) -> None:
    session.add(
        AuditEvent(
            workspace_id=workspace_id, actor=actor.reference, action=str(action), subject=subject, data=dict(data)
        )
    )
    audit_chain.seal_at_commit(session, workspace_id)
