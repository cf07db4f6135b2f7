"""The drawer with everything that speaks for and against one opportunity."""

from __future__ import annotations

from collections.abc import Sequence

import reflex as rx
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError, NotFound
from app.services import items, receipts, results
from app.services.access import Actor
from app.services.contract import EvidenceView, OpportunityView
from app.services.ownership import owned_analysis
from state.analysis_live import Watching
from state.analysis_quotes import MAX_ROWS, EvidenceRow, evidence_row
from state.gate import event


class EvidenceState(Watching, rx.State):
    """Which opportunity's drawer is open, and what is in it."""

    opportunity_id: str = ""
    """Empty while the drawer is closed."""
    for_it: list[EvidenceRow] = []
    against_it: list[EvidenceRow] = []
    left_out: int = 0
    doubt: str = ""
    """On what it rests, and what would change the verdict."""

    @event
    async def toggle(self, is_open: bool, opportunity_id: str) -> None:
        """Open the drawer of an opportunity, or close it."""
        if not is_open:
            self.opportunity_id = ""
            return
        self._assign(
            {
                "opportunity_id": opportunity_id,
                "for_it": [],
                "against_it": [],
                "left_out": 0,
                "loaded": False,
                "problem": "",
            }
        )
        try:
            found, for_it, against_it, doubt = await edge.read(
                _evidence, await self._actor(), self._place().analysis_id, opportunity_id
            )
        except AppError as error:
            self._assign({"problem": error.message, "loaded": True})
            return
        left_out = len(found.evidence) + len(found.against) - len(for_it) - len(against_it)
        self._assign({"for_it": for_it, "against_it": against_it, "left_out": left_out, "doubt": doubt, "loaded": True})


def _evidence(
    session: Session, actor: Actor, analysis_id: str, opportunity_id: str
) -> tuple[OpportunityView, list[EvidenceRow], list[EvidenceRow], str]:
    found = results.opportunity(session, actor, analysis_id, opportunity_id)
    sample = owned_analysis(session, actor, analysis_id).sample

    def rows(evidence: Sequence[EvidenceView]) -> list[EvidenceRow]:
        shown = []
        for each in evidence[:MAX_ROWS]:
            try:
                item = items.get(session, actor, analysis_id, each.item_id)
            except NotFound:  # erased since, at its author's wish
                item = None
            shown.append(evidence_row(each, item, sample=sample))
        return shown

    doubt = receipts.doubt(session, actor, analysis_id, opportunity_id)
    said = "" if doubt is None else f"{doubt.bias} {doubt.mind.sentence if doubt.mind else ''}".strip()
    return found, rows(found.evidence), rows(found.against), said
