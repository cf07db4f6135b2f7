"""Providers on the operations page: who is asked, who is left alone, and asking one again by hand."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

import reflex as rx
from pydantic import Field
from sqlmodel import Session

from app.core import bus, edge, hub
from app.core.clock import rfc3339
from app.core.errors import AppError, Unavailable
from app.services import operations_providers
from app.services.access import Action, Actor, require
from app.services.operations_providers import ProviderRow
from state.analysis_live import paced
from state.base import Base
from state.gate import event

LOOK_SECONDS = 1.0
ProviderId = Annotated[str, Field(max_length=40)]


@dataclass(frozen=True)
class ProviderShown:
    """One provider."""

    id: str
    label: str
    state: str
    until: str
    """A moment; empty unless it is left alone."""
    why: str


def provider_row(row: ProviderRow) -> ProviderShown:
    """Return one provider's row."""
    return ProviderShown(
        id=row.provider,
        label=row.label,
        state=row.state.value,
        until="" if row.until is None else rfc3339(row.until),
        why=row.why or "",
    )


class ProvidersState(Base, rx.State):
    """All providers, and the one that is to be asked again."""

    rows: list[ProviderShown] = []
    problem: str = ""
    asked: str = ""
    """Id of the provider whose breaker is to be closed, until that is confirmed."""
    asked_label: str = ""
    outcome: str = ""
    outcome_bad: bool = False

    @event(background=True)
    async def watch(self) -> Any:
        """Follow them while the page is open. Who may not look is told so by the page's other state."""
        try:
            actor = await self._actor()
            require(actor, Action.OPERATIONS_READ)
            watcher = hub.watch(
                bus.OPS,
                paced(lambda: edge.read(_shown, actor), LOOK_SECONDS),
                busy=lambda _: True,
                key="providers",
            )
            async with aclosing(watcher) as updates:
                async for update in updates:
                    require(await self._actor(), Action.OPERATIONS_READ)
                    rows, problem = update.value
                    async with self:
                        if (self.rows, self.problem) != (rows, problem):
                            self.rows, self.problem = rows, problem
        except AppError:
            async with self:
                self.reset()

    @event
    async def ask(self, provider: ProviderId) -> None:
        """Ask whether to close a breaker."""
        found = next((row for row in self.rows if row.id == provider), None)
        if found is not None:
            self.asked, self.asked_label, self.outcome = found.id, found.label, ""

    @event
    async def keep(self) -> None:
        """Leave it as it is."""
        self.asked = ""

    @event
    async def close(self) -> None:
        """Let calls to the provider through again."""
        provider, self.asked = self.asked, ""
        if not provider:
            return
        try:
            await edge.with_database(operations_providers.close, await self._actor(), provider)
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True
            return
        self.outcome, self.outcome_bad = f"{self.asked_label} is asked again from now on.", False


def _shown(session: Session, actor: Actor) -> tuple[list[ProviderShown], str]:
    try:
        return [provider_row(row) for row in operations_providers.rows(session, actor)], ""
    except Unavailable as error:  # the broker is away, the page is not
        return [], error.message
