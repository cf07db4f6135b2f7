"""Holding queues on the operations page, and letting them go."""

from __future__ import annotations

from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from app.core import edge
from app.core.errors import AppError
from app.services import holds
from state.base import Base
from state.gate import event

QueueName = Annotated[str, Field(max_length=40)]


class HoldState(Base, rx.State):
    """The queue whose hold is being written, and what became of the last action."""

    holding: str = ""
    hold_problem: str = ""
    problem: str = ""
    """Why a queue could not be released."""

    @event
    async def enter(self) -> None:
        """Write no hold when a page opens."""
        self.reset()

    @event
    async def begin(self, queue: QueueName) -> None:
        """Ask why a queue is to be held."""
        self.holding, self.hold_problem, self.problem = queue, "", ""

    @event
    async def keep(self) -> None:
        """Hold nothing after all."""
        self.holding = ""

    @event
    async def hold(self, form: dict[str, Any]) -> None:
        """Hold the queue for the reason that the form gives."""
        reason = str(form.get("reason", ""))[: 2 * holds.LONGEST_REASON]
        try:
            await edge.write(holds.hold, await self._actor(), self.holding, reason)
        except AppError as error:
            self.hold_problem = error.message
            return
        self.holding = ""

    @event
    async def release(self, queue: QueueName) -> None:
        """Let a queue go on."""
        self.problem = ""
        try:
            await edge.write(holds.release, await self._actor(), queue)
        except AppError as error:
            self.problem = error.message
