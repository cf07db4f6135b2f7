"""Who asks in a benchmark."""

from __future__ import annotations

from app.core import db
from app.models import Member, Role, User, Workspace
from app.services.access import Actor, ActorKind


def new_actor() -> Actor:
    with db.database().write() as session:
        workspace, user = Workspace(name="Bench"), User(name="Bench")
        session.add_all([workspace, user])
        session.flush()
        session.add(Member(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
    return Actor(ActorKind.USER, user.id, workspace.id, Role.OWNER, "Bench")
