"""What one step of collection may take, held back before it and written down after it, for each unit that is counted.

A failed step costs what its calls took at the provider, no more: what was held back beyond that is given back.
"""

from __future__ import annotations

from sqlmodel import Session

from app.services import ledger
from app.services.guard import RateGuard
from app.services.providers import SourceSetup
from app.services.quota import QuotaGuard
from app.services.stages.work import Work
from integrations.contracts import Page
from integrations.http import HttpClient

REQUESTS_A_STEP = 4
"""Worst case held back for one step: a login, the call, and both again when the token was refused. No more are sent."""

_REQUEST = "request"


class StepCosts:
    """The reservations of the step under way."""

    def __init__(self, work: Work, setup: SourceSetup, http: HttpClient, guard: RateGuard | QuotaGuard) -> None:
        """Count from here on."""
        self._work = work
        self._setup = setup
        self._http = http
        self._guard = guard
        self._held: dict[str, str] = {}
        self._ordinal = 0
        self._requests = http.requests
        self._units = self._units_taken()

    def reserve(self, session: Session) -> None:
        """Hold back the worst case of the next step. Raises `CapReached`."""
        worst = {_REQUEST: REQUESTS_A_STEP}
        if self._setup.source.quota is not None:
            worst[self._setup.source.quota.unit] = self._setup.source.quota.highest_cost()
        self._requests, self._units = self._http.requests, self._units_taken()
        self._http.allow(REQUESTS_A_STEP)
        for unit, quantity in worst.items():
            self._held[unit] = ledger.reserve(
                session,
                self._work.held,
                ordinal=self._ordinal,
                step="collect",
                provider=self._setup.id,
                unit=unit,
                worst=quantity,
            )
            self._ordinal += 1

    def settle(self, session: Session, page: Page) -> None:
        """Write down what a step took, in the transaction that stores its page."""
        self._close(session, {_REQUEST: page.requests, **page.usage})

    def abandon(self, session: Session) -> None:
        """Write down what was called for a step that brought no page; nothing, when no call was made."""
        taken = {_REQUEST: self._http.requests - self._requests}
        if self._setup.source.quota is not None:
            taken[self._setup.source.quota.unit] = self._units_taken() - self._units
        self._close(session, taken)

    def _close(self, session: Session, taken: dict[str, int]) -> None:
        for unit, reservation in self._held.items():
            ledger.settle(session, self._work.held, reservation, quantity=taken.get(unit, 0))
        self._held = {}

    def _units_taken(self) -> int:
        return self._guard.taken if isinstance(self._guard, QuotaGuard) else 0
