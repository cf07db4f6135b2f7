"""The Cost tab."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.core.money import dollars
from app.services.contract import AnalysisView
from state.analysis_live import Watching, view_of
from state.analysis_notices import HELD
from state.analysis_tables import BandRow, CostRow, band_rows, cost_row
from state.gate import event

MAX_LINES = 100


class CostsState(Watching, rx.State):
    """What was spent, line by line, and how good the estimate was."""

    spent: str = ""
    reserved: str = ""
    cap: str = ""
    left: str = ""
    lines: list[CostRow] = []
    more: int = 0
    """Lines of the ledger beyond those that fit on a page."""
    bands: list[BandRow] = []
    assumptions: list[str] = []
    unfinished: str = ""
    """Why what it took is not known yet; empty once it is."""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the ledger while the tab is open."""
        place = self._place()
        if place.tab != "cost":
            return
        async with self:
            self._enter(place)
        try:
            async for update in self._follow(view_of(place.analysis_id)):
                async with self:
                    self._assign({**_shown(update.value), "loaded": True, "problem": ""})
        except AppError as error:
            yield await self._refused(error)


def _shown(view: AnalysisView) -> dict[str, Any]:
    cost = view.cost
    return {
        "spent": dollars(cost.spent_micros),
        "reserved": dollars(cost.reserved_micros),
        "cap": dollars(cost.cap_micros),
        "left": dollars(max(0, cost.cap_micros - cost.spent_micros - cost.reserved_micros)),
        "lines": [cost_row(entry) for entry in cost.entries[:MAX_LINES]],
        "more": max(0, len(cost.entries) - MAX_LINES),
        "bands": band_rows(view),
        "assumptions": cost.estimate.assumptions if cost.estimate else [],
        "unfinished": HELD.get(view.status, "still running") if view.metadata.finished_at is None else "",
    }
