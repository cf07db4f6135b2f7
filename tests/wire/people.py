"""People of workspaces of their own."""

from __future__ import annotations

from app.models import Member, Role, User, Workspace
from app.services.access import Actor, ActorKind
from tests.wire.client import Site


def person(site: Site, role: Role = Role.OWNER) -> Actor:
    """Return somebody with this role in a new workspace."""
    workspace, user = Workspace(name="Observatory"), User(name="Ada")
    with site.database.write() as session:
        session.add_all([workspace, user])
        session.flush()
        session.add(Member(workspace_id=workspace.id, user_id=user.id, role=role))
    return Actor(ActorKind.USER, user.id, workspace.id, role, user.name)
