"""Reading about the tenant."""

from __future__ import annotations

from sqlmodel import Session

from app.core.errors import NotFound
from app.models import Workspace
from app.services.access import Actor


def name(session: Session, actor: Actor) -> str:
    """Return the name of the actor's workspace.

    Raises:
        NotFound: It is gone.
    """
    workspace = session.get(Workspace, actor.workspace_id)
    if workspace is None:
        raise NotFound("This workspace no longer exists; sign in again.")
    return workspace.name
