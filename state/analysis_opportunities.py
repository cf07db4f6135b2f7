"""The Opportunities tab: its cards."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core.errors import AppError
from state.analysis_live import Watching, view_of
from state.analysis_quotes import Card, card
from state.gate import event
from state.weights_ranking import href

MAX_CARDS = 50


class OpportunitiesState(Watching, rx.State):
    """The findings, the strongest first."""

    cards: list[Card] = []
    weights_href: str = ""
    more: int = 0
    """Findings beyond those that fit on a page."""
    status: str = ""
    """The analysis's: says why there are no findings when there are none."""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the findings while the tab is open."""
        place = self._place()
        if place.tab != "opportunities":
            return
        async with self:
            self._enter(place)
        try:
            async for update in self._follow(view_of(place.analysis_id)):
                found = update.value.results.opportunities
                rules = str(update.value.metadata.versions.get("metrics", "1"))
                topics = {topic.name: topic.number for topic in update.value.results.topics}
                shown = {
                    "cards": [card(each, place.analysis_id, topics, rules=rules) for each in found[:MAX_CARDS]],
                    "weights_href": href(place.analysis_id, {}),
                    "more": max(0, len(found) - MAX_CARDS),
                    "status": update.value.status,
                    "loaded": True,
                    "problem": "",
                }
                async with self:
                    self._assign(shown)
        except AppError as error:
            yield await self._refused(error)
