"""Who did what: one append-only row for each change that a person or a key asked for."""

from __future__ import annotations

from sqlmodel import Session

from app.models import AuditEvent
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
    session.add(
        AuditEvent(
            workspace_id=actor.workspace_id, actor=actor.reference, action=str(action), subject=subject, data=data
        )
    )
