"""The page on which a person weighs the metrics anew; the ranking answers at once."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from app.core import edge
from app.core.errors import AppError, NotSignedIn
from app.services import results
from app.services.contract import OpportunityView
from state.base import Base
from state.gate import SIGN_IN, event
from state.weights_ranking import MOST_WEIGHT, Ranked, Slider, href, ranked, sliders, weights_of

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
            self._own.remove(address)
            return None
        try:
            self._found = await edge.read(results.opportunities, await self._actor(), self._analysis_id())
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self._found = []
            self.problem = error.message
        else:
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
        """Go back to our weights."""
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
