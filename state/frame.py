"""What the frame of every page shows."""

from __future__ import annotations

import reflex as rx

from app.core import edge
from app.core.errors import AppError
from app.services import workspaces
from state.base import Base
from state.gate import event


class Frame(Base, rx.State):
    """The name of the workspace."""

    workspace: str = ""

    @event
    async def load(self) -> None:
        """Read the name when a page opens."""
        try:
            self.workspace = await edge.read(workspaces.name, await self._actor())
        except AppError:
            self.workspace = ""
