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
    plain_href: str = ""
    """Our own weights; empty when these are they."""
    sliders: list[Slider] = []
    rows: list[Ranked] = []
    _found: list[OpportunityView] = []

    @event
    async def load(self) -> Any:
        """Read the opportunities and the weights that the address asks for."""
        try:
            self._found = await edge.read(results.opportunities, await self._actor(), self._analysis_id())
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self._found = []
            self.problem = error.message
        else:
            self.problem = ""
        self._show(weights_of(self.router.url.query_parameters))
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
        return rx.redirect(href(self._analysis_id(), weights), replace=True)

    def _show(self, weights: dict[str, int]) -> None:
        analysis_id = self._analysis_id()
        plain = href(analysis_id, weights_of({}))
        self.back_href = f"/analyses/{analysis_id}?tab=opportunities"
        self.plain_href = "" if href(analysis_id, weights) == plain else plain
        self.sliders = sliders(weights)
        self.rows = ranked(self._found, analysis_id, weights)

    def _analysis_id(self) -> str:
        _, _, analysis_id, *_ = (*self.router.url.path.split("/"), "", "", "")
        return analysis_id[:64]
