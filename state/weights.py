"""The page on which a person weighs the metrics anew; the ranking answers at once."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import results
from app.services.access import Actor
from app.services.contract import OpportunityView
from app.services.ownership import owned_analysis
from state.base import Base
from state.gate import SIGN_IN, event
from state.weights_ranking import MOST_WEIGHT, Ranked, Slider, href, ranked, sliders, still_to_come, weights_of

MOST_OWN = 50
Name = Literal[
    "frequency",
    "willingness_to_pay",
    "market_size",
    "urgency",
    "emotion",
    "feasibility",
    "revenue_clarity",
    "switching_barriers",
    "competition_density",
    "acquisition_difficulty",
]


class WeightsState(Base, rx.State):
    """Weights and the ranking under them."""

    loaded: bool = False
    problem: str = ""
    back_href: str = ""
    question: str = ""
    """What the analysis asked; empty until it is read."""
    sample: bool = False
    is_ours: bool = True
    """Whether these are our own weights."""
    sliders: list[Slider] = []
    rows: list[Ranked] = []
    nothing_counts: bool = False
    """Whether all weights are 0."""
    setting: int = 0
    """Grows when the weights were set by an address, and not by a slider: then the sliders are drawn anew."""
    _found: list[OpportunityView] = []
    _own: list[str] = []
    """Addresses that a slider led to, and that were not read yet: what they ask for is shown already, or outdated."""

    @event
    async def load(self) -> Any:
        """Read the opportunities and the weights that the address asks for."""
        weights = weights_of(self.router.url.query_parameters)
        address = href(self._analysis_id(), weights)
        if self.loaded and address in self._own:
            shown = href(self._analysis_id(), {each.name: each.weight for each in self.sliders})
            self._own = still_to_come(self._own, address, shown)
            return None
        try:
            read = await edge.read(_read, await self._actor(), self._analysis_id())
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self._found, self.question, self.sample = [], "", False
            self.problem = error.message
        else:
            self._found, self.question, self.sample = read
            self.problem = ""
        self._own = []
        self.setting += 1
        self._show(weights)
        self.loaded = True
        return None

    @event
    async def weigh(self, name: Name, value: int) -> Any:
        """Give a metric another weight."""
        weights = {each.name: each.weight for each in self.sliders}
        if name not in weights:
            return None
        weights[name] = max(0, min(MOST_WEIGHT, value))
        self._show(weights)
        return self._lead_to(weights)

    @event
    async def reset_weights(self) -> Any:
        """Go back to our weights, if they are not shown already."""
        if self.is_ours:
            return None
        weights = weights_of({})
        self.setting += 1
        self._show(weights)
        return self._lead_to(weights)

    def _lead_to(self, weights: dict[str, int]) -> Any:
        address = href(self._analysis_id(), weights)
        self._own = [*self._own, address][-MOST_OWN:]
        return rx.redirect(address, replace=True)

    def _show(self, weights: dict[str, int]) -> None:
        analysis_id = self._analysis_id()
        self.back_href = f"/analyses/{analysis_id}?tab=opportunities"
        self.is_ours = weights == weights_of({})
        self.nothing_counts = not any(weights.values())
        self.sliders = sliders(weights)
        self.rows = ranked(self._found, analysis_id, weights)

    def _analysis_id(self) -> str:
        _, _, analysis_id, *_ = (*self.router.url.path.split("/"), "", "", "")
        return analysis_id[:64]


def _read(session: Session, actor: Actor, analysis_id: str) -> tuple[list[OpportunityView], str, bool]:
    """Return the opportunities, and of what analysis they are: its question, and whether it is a sample."""
    found = results.opportunities(session, actor, analysis_id)
    analysis = owned_analysis(session, actor, analysis_id)
    return found, analysis.question, analysis.sample
