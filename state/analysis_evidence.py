"""The drawer with everything that speaks for and against one opportunity."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import reflex as rx
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError, NotFound
from app.services import items, receipts, results
from app.services.access import Actor
from app.services.contract import EvidenceView
from app.services.ownership import owned_analysis
from state import words
from state.analysis_live import Watching
from state.analysis_quotes import MAX_ROWS, EvidenceRow, LeftOutRow, evidence_row, left_out_row
from state.gate import event


class EvidenceState(Watching, rx.State):
    """Which opportunity's drawer is open, and what is in it."""

    opportunity_id: str = ""
    """Empty while the drawer is closed."""
    for_it: list[EvidenceRow] = []
    against_it: list[EvidenceRow] = []
    left_out: int = 0
    doubt: str = ""
    """On what it rests."""
    mind: str = ""
    """What would change the verdict; empty when it was scored by rules of another version."""
    mind_words: str = ""
    mind_rows: list[LeftOutRow] = []
    """The items without which the verdict would be another."""
    against_first: bool = False
    """Somebody asked for what speaks against it."""

    @event
    async def toggle(self, is_open: bool, opportunity_id: str) -> None:
        """Open the drawer of an opportunity, or close it."""
        if is_open:
            await self._open(opportunity_id, against_first=False)
        else:
            self.opportunity_id = ""

    @event
    async def open_against(self, opportunity_id: str) -> None:
        """Open the drawer of an opportunity at what speaks against it."""
        await self._open(opportunity_id, against_first=True)

    async def _open(self, opportunity_id: str, *, against_first: bool) -> None:
        self._assign(
            {
                "opportunity_id": opportunity_id,
                "against_first": against_first,
                "for_it": [],
                "against_it": [],
                "left_out": 0,
                "loaded": False,
                "problem": "",
            }
        )
        try:
            shown = await edge.read(_evidence, await self._actor(), self._place().analysis_id, opportunity_id)
        except AppError as error:
            self._assign({"problem": error.message, "loaded": True})
            return
        self._assign({**shown, "loaded": True})


def _evidence(session: Session, actor: Actor, analysis_id: str, opportunity_id: str) -> dict[str, Any]:
    """Return the content of the drawer, by the names of its variables."""
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
    mind = doubt.mind if doubt else None
    without = []
    for item_id in mind.item_ids if mind else ():
        with contextlib.suppress(NotFound):  # erased since, at its author's wish
            without.append(left_out_row(items.get(session, actor, analysis_id, item_id)))
    for_it, against_it = rows(found.evidence), rows(found.against)
    return {
        "for_it": for_it,
        "against_it": against_it,
        "left_out": len(found.evidence) + len(found.against) - len(for_it) - len(against_it),
        "doubt": doubt.bias if doubt else "",
        "mind": mind.sentence if mind else "",
        "mind_words": words.these(len(without)),
        "mind_rows": without,
    }
