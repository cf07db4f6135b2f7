"""The summary that a result gives of itself, sentence by sentence, each with the quotes that it rests on. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.services.contract import AnalysisView
from state.links import outward

MOST_CITED = 4
"""Quotes that are shown of those on which one sentence rests."""


@dataclass(frozen=True)
class Cite:
    """A quote that a sentence rests on."""

    number: str
    words: str
    href: str


@dataclass(frozen=True)
class BriefLine:
    """One sentence of the summary, and the opportunity or items that it rests on."""

    text: str
    cites: list[Cite] = field(default_factory=list)


def brief(view: AnalysisView) -> list[BriefLine]:
    """Return the summary, each sentence with the quotes that it rests on, numbered through."""
    found = view.results.summary
    if found is None:
        return []
    quotes = {
        quote.item_id: quote
        for opportunity in view.results.opportunities
        for quote in (*opportunity.evidence, *opportunity.against)
    }
    numbers: dict[str, int] = {}
    lines = []
    for sentence in found.sentences:
        cites = []
        for item in [item for item in sentence.item_ids if item in quotes][:MOST_CITED]:
            number = numbers.setdefault(item, len(numbers) + 1)
            href = "" if view.sample else outward(quotes[item].permalink)
            cites.append(Cite(str(number), quotes[item].quote, href))
        lines.append(BriefLine(sentence.text, cites))
    return lines
