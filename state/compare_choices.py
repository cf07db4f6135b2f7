"""What an analysis can be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.clock import rfc3339
from app.services.contract import AnalysisRow
from app.services.pipeline.item_words import COLLECTED, item_words
from state.compare_links import compare_href


@dataclass(frozen=True)
class ChoiceRow:
    """Another analysis that can be compared with."""

    href: str
    question: str
    sources: str
    asked_at: str
    status: str
    sample: bool
    same: bool
    """Whether it asked the same question."""
    size: str


def choices(rows: Sequence[AnalysisRow], analysis_id: str, question: str) -> list[ChoiceRow]:
    """Return the analyses that one can be compared with: those with its question first, then the newest."""
    mine = next((row.created_at for row in rows if row.id == analysis_id), None)
    found = []
    for row in rows:
        if row.id == analysis_id:
            continue
        earlier = mine is None or row.created_at <= mine
        found.append(
            ChoiceRow(
                href=compare_href(row.id, analysis_id) if earlier else compare_href(analysis_id, row.id),
                question=row.question,
                sources=", ".join(row.sources),
                asked_at=rfc3339(row.created_at),
                status=row.status,
                sample=row.sample,
                same=row.question == question,
                size=item_words(row.items, COLLECTED),
            )
        )
    return sorted(found, key=lambda each: not each.same)
