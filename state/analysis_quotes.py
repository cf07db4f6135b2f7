"""Opportunities and their evidence as the page shows them: pure functions from the contract to rows of words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.services.contract import EvidenceView, ItemView, MetricView, OpportunityView
from app.services.pipeline.few_people import is_widened
from app.services.pipeline.opportunity_metrics import LOWER_IS_BETTER
from app.services.pipeline.writers import by_whom
from state import words
from state.analysis_place import items_href
from state.links import outward

MAX_SIDE = 3000
"""Characters of an item shown before and after its quote; the permalink has the rest."""
MAX_ROWS = 50
"""Quotes of one kind in one drawer."""
FEW = 30
"""People below which a score is marked as resting on few."""


@dataclass(frozen=True)
class MetricBar:
    """One part of a score."""

    name: str
    percent: int
    note: str


@dataclass(frozen=True)
class Quote:
    """A quote without its item."""

    words: str = ""
    verified: str = ""
    author: str = ""
    community: str = ""
    posted_at: str = ""


@dataclass(frozen=True)
class Card:
    """One opportunity."""

    id: str
    title: str
    summary: str
    kind: str
    score: int
    interval: str
    interval_note: str
    engine: str
    item_words: str
    items_href: str
    authors: str
    threads: str
    topic: str
    topic_href: str
    metrics: list[MetricBar] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    quote: Quote = field(default_factory=Quote)
    more: str = ""
    evidence: str = ""
    against: str = ""


@dataclass(frozen=True)
class EvidenceRow:
    """A quote inside the whole of its item, cut in three so that the page can mark the quote without any markup."""

    item_id: str
    title: str
    before: str
    quote: str
    after: str
    cut: bool
    verified: str
    author: str
    community: str
    posted_at: str
    permalink: str


@dataclass(frozen=True)
class LeftOutRow:
    """One of the items without which the verdict would be another: who said it, and how it begins."""

    item_id: str
    author: str
    community: str
    posted_at: str
    clip: str


def left_out_row(item: ItemView) -> LeftOutRow:
    """Return one of the items without which the verdict would be another."""
    said = " ".join(f"{item.title or ''} {item.text}".split())
    clip = said if len(said) <= MAX_SIDE else said[:MAX_SIDE].rstrip() + " …"
    return LeftOutRow(
        item.id, item.author or "unnamed", words.place_name(item.community), rfc3339(item.posted_at), clip
    )


def card(opportunity: OpportunityView, analysis_id: str, topics: Mapping[str | None, int], *, rules: str) -> Card:
    """Return one opportunity's card.

    Args:
        opportunity: The finding.
        analysis_id: The analysis that found it.
        topics: The topics' numbers by their names.
        rules: Version of the rules by which it was scored.
    """
    low, high = opportunity.score_interval
    first = opportunity.evidence[0] if opportunity.evidence else None
    return Card(
        id=opportunity.id,
        title=opportunity.title,
        summary=opportunity.summary,
        kind=opportunity.kind.replace("_", " "),
        score=opportunity.score,
        interval=f"{low}{words.TO}{high}",
        interval_note=f"90 % sure: other people of the same talk would score it between {low} and {high}"
        if is_widened(rules)
        else f"90 % of resamplings of its items score it between {low} and {high} (by older rules)",
        engine=opportunity.engine,
        item_words=words.counted(opportunity.items, "item"),
        items_href=items_href(analysis_id, opportunity=opportunity.id),
        authors=by_whom(opportunity.authors, opportunity.unnamed),
        threads=words.counted(opportunity.threads, "thread"),
        topic=opportunity.topic or "",
        topic_href=items_href(analysis_id, topic=topics[opportunity.topic]) if opportunity.topic in topics else "",
        metrics=bars(opportunity.metrics),
        cautions=[*few(opportunity, rules=rules), *cautions(opportunity.anti_patterns)],
        quote=_quote(first) if first else Quote(),
        more=words.counted(opportunity.items - 1, "more item") if first and opportunity.items > 1 else "",
        evidence=f"Evidence ({len(opportunity.evidence):,})",
        against=f"Against ({len(opportunity.against):,})" if opportunity.against else "",
    )


def few(opportunity: OpportunityView, *, rules: str) -> list[str]:
    """Return the warning of a score that rests on few people, whose range is wide for that reason."""
    by = by_whom(opportunity.authors, opportunity.unnamed)
    said = f"{words.counted(opportunity.items, 'item')} by {by}"
    if opportunity.unnamed * 2 > opportunity.items:
        return [f"Who spoke is not known: {said}. Score and range take each of these items for somebody else's word."]
    if opportunity.authors >= FEW:
        return []
    if not is_widened(rules):
        return [f"Few voices: {said}. Others could move the score by more than its range, made by older rules, says."]
    return [f"Few voices: {said}. Others could move the score as far as its range says."]


def bars(metrics: Mapping[str, MetricView]) -> list[MetricBar]:
    """Return the parts of a score, the heaviest first; only those with evidence are there."""
    ordered = sorted(metrics.items(), key=lambda pair: (-pair[1].weight, pair[0]))
    return [
        MetricBar(
            name.replace("_", " ") + (" (less is better)" if name in LOWER_IS_BETTER else ""),
            words.percent(metric.value),
            f"{words.percent(metric.value)} of 100, counts for {words.percent(metric.weight)} %, "
            f"from {words.counted(len(metric.evidence), 'item')}",
        )
        for name, metric in ordered
    ]


def cautions(anti_patterns: Iterable[Mapping[str, object]]) -> list[str]:
    """Return what speaks against trusting the score, in words."""
    found = []
    for pattern in anti_patterns:
        name = str(pattern.get("name") or pattern.get("pattern") or pattern.get("kind") or "").replace("_", " ")
        why = str(pattern.get("why") or pattern.get("reason") or pattern.get("message") or "")
        said = ": ".join(part for part in (name, why) if part)
        if said:
            found.append(said)
    return found


def evidence_row(evidence: EvidenceView, item: ItemView | None, *, sample: bool = False) -> EvidenceRow:
    """Return a quote inside its item; only the quote when the item is not there. A made-up one leads nowhere."""
    before, quote, after = split(item.text, evidence) if item else ("", evidence.quote, "")
    return EvidenceRow(
        item_id=evidence.item_id,
        title=(item.title or "") if item else "",
        before=before[-MAX_SIDE:],
        quote=quote,
        after=after[:MAX_SIDE],
        cut=len(before) > MAX_SIDE or len(after) > MAX_SIDE,
        verified=evidence.verified,
        author=evidence.author or "unnamed",
        community=words.place_name(evidence.community),
        posted_at=rfc3339(evidence.posted_at),
        permalink="" if sample else outward(evidence.permalink),
    )


def split(text: str, evidence: EvidenceView) -> tuple[str, str, str]:
    """Return the text before the quote, the quote, and the text after it.

    Where the stored span does not hold the quote (it was found in the title, or the item was collected anew), the text
    is searched for it; a quote that is nowhere in the text stands alone, never marked in words that are not its own.
    """
    start, end = evidence.start, evidence.end
    if text[start:end] != evidence.quote:
        start = text.find(evidence.quote)
        end = start + len(evidence.quote)
    if start < 0:
        return "", evidence.quote, ""
    return text[:start], text[start:end], text[end:]


def _quote(evidence: EvidenceView) -> Quote:
    return Quote(
        words=evidence.quote,
        verified=evidence.verified,
        author=evidence.author or "unnamed",
        community=words.place_name(evidence.community),
        posted_at=rfc3339(evidence.posted_at),
    )
