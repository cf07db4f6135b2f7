"""What the frame of every page shows."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import workspaces
from app.services.access import Action, can
from state.analysis_live import forget_others
from state.analysis_place import parse
from state.base import Base
from state.gate import SIGN_IN, event


class Frame(Base, rx.State):
    """The name of the workspace."""

    workspace: str = ""
    audits: bool = False
    """Whether this person may read who did what in the workspace."""
    operates: bool = False
    """Whether this person may look at the queues of the whole installation."""

    @event
    async def load(self) -> Any:
        """Read the name when a page opens; without a session, lead to the sign-in page."""
        path = self.router.url.path
        await forget_others(self, parse(path, {}).analysis_id if path.startswith("/analyses/") else "")
        try:
            actor = await self._actor()
            self.audits = can(actor, Action.AUDIT_READ) is True
            self.operates = can(actor, Action.OPERATIONS_READ) is True
            self.workspace = await edge.read(workspaces.name, actor)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError:
            self.workspace = ""
        return None
