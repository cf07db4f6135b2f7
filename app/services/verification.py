"""Checks a result against what is stored: quotes against words, words against their hash, numbers against items.

items that speak for it ──assess──▶ counts, metrics, score   must be the stored ones
quote ──▶ item.words[start:end]                              must be the quote
item.words ──sha256──▶                                       must be the hash taken when they were collected
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.ids import is_id
from app.models import Analysis, Evidence, Item, Opportunity, OpportunityItem
from app.services.access import Action, Actor, require
from app.services.contract import FaultView, VerificationView
from app.services.ownership import owned_analysis
from app.services.pipeline.opportunity_metrics import RULES, Assessment, assess
from app.services.pipeline.records import Record
from app.services.reading import record, words, worth_weighing

_SAME = 0.00011
"""Metrics are stored to four places."""


def verify(session: Session, actor: Actor, identifier: str) -> VerificationView:
    """Check every quote, count and score of an analysis, or of one opportunity.

    Args:
        session: To read with.
        actor: Who asks.
        identifier: Id of an analysis or of an opportunity.

    Raises:
        NotFound: There is neither in the actor's workspace.
    """
    require(actor, Action.ANALYSIS_READ)
    only = session.get(Opportunity, identifier) if is_id(identifier) else None
    analysis = owned_analysis(session, actor, identifier if only is None else only.analysis_id)
    rows = (
        [only]
        if only is not None
        else session.exec(
            select(Opportunity).where(Opportunity.analysis_id == analysis.id).order_by(col(Opportunity.rank))
        ).all()
    )
    quotes = _quotes(session, rows)
    supporters = supporting(session, [row.id for row in rows])
    reasons = _reasons(session, rows)
    stored = {item.id: item for items in supporters.values() for item in items}
    stored |= {item.id: item for pairs in quotes.values() for _, item in pairs if item is not None}
    stored |= reasons
    changed = {item.id for item in stored.values() if _hash(item) != item.content_sha256}
    total = weighed(session, analysis.id)
    comparable = same_rules(analysis)
    faults = [
        fault
        for row in rows
        for fault in (
            *_changed_words(row, quotes[row.id], [*supporters[row.id], *_named(row, reasons)], changed),
            *_wrong_quotes(row, quotes[row.id]),
            *_wrong_reasons(row, reasons),
            *_wrong_numbers(row, supporters[row.id], total if comparable else None),
        )
    ]
    return VerificationView(
        analysis_id=analysis.id,
        holds=not faults,
        opportunities=len(rows),
        quotes=sum(len(pairs) for pairs in quotes.values()) + sum(len(_reason_quotes(row)) for row in rows),
        items=len(stored),
        scores=len(rows) if comparable else 0,
        faults=faults,
    )


def supporting(session: Session, opportunity_ids: Sequence[str]) -> dict[str, list[Item]]:
    """Return the items that speak for each opportunity, the most telling first."""
    found: dict[str, list[Item]] = defaultdict(list)
    pairs = session.exec(
        select(OpportunityItem.opportunity_id, Item)
        .join(Item, col(Item.id) == col(OpportunityItem.item_id))
        .where(col(OpportunityItem.opportunity_id).in_(opportunity_ids))
        .order_by(col(OpportunityItem.position))
    )
    for opportunity_id, item in pairs:
        found[opportunity_id].append(item)
    return found


def weighed(session: Session, analysis_id: str) -> int:
    """Return how many items the opportunities of an analysis were drawn from."""
    query = select(func.count()).select_from(Item).where(Item.analysis_id == analysis_id, *worth_weighing())
    return int(session.exec(query).one())


def same_rules(analysis: Analysis) -> bool:
    """Return whether the analysis was scored by the rules that this version of the program knows."""
    return str(analysis.versions.get("metrics", "1")) == RULES


def again(items: Sequence[Item], total: int) -> Assessment:
    """Return the numbers of an opportunity, made anew from the stored items that speak for it, at least one."""
    records: list[Record] = [record(item) for item in items]
    return assess(records, {item.id: tuple(item.intents) for item in items}, total=total, against=0)


def _quotes(session: Session, rows: Sequence[Opportunity]) -> dict[str, list[tuple[Evidence, Item | None]]]:
    found: dict[str, list[tuple[Evidence, Item | None]]] = defaultdict(list)
    pairs = session.execute(
        select(Evidence, Item)
        .join(Item, col(Item.id) == col(Evidence.item_id), isouter=True)
        .where(col(Evidence.opportunity_id).in_([row.id for row in rows]))
        .order_by(col(Evidence.against), col(Evidence.position))
    )
    for evidence, item in pairs:
        found[evidence.opportunity_id].append((evidence, item))
    return found


def _hash(item: Item) -> str:
    return hashlib.sha256(words(item.title, item.text).encode()).hexdigest()


def _changed_words(
    row: Opportunity,
    quotes: Sequence[tuple[Evidence, Item | None]],
    supporters: Sequence[Item],
    changed: set[str],
) -> Iterator[FaultView]:
    mentioned = [*(item for _, item in quotes if item is not None), *supporters]
    for item_id in dict.fromkeys(item.id for item in mentioned):
        if item_id in changed:
            yield FaultView(
                opportunity_id=row.id,
                item_id=item_id,
                message=f"The words of item {item_id} are no longer the ones that were collected: their hash differs.",
            )


def _wrong_quotes(row: Opportunity, quotes: Sequence[tuple[Evidence, Item | None]]) -> Iterator[FaultView]:
    for evidence, item in quotes:
        if item is None:
            message = f"The quoted item {evidence.item_id} is not there any more."
        elif words(item.title, item.text)[evidence.start : evidence.end] != evidence.quote or not evidence.quote:
            message = (
                f"The quote from item {item.id} does not stand in its words at {evidence.start} to {evidence.end}."
            )
        elif item.analysis_id != row.analysis_id:
            message = f"The quoted item {item.id} belongs to another analysis."
        else:
            continue
        yield FaultView(opportunity_id=row.id, item_id=evidence.item_id, message=message)


def _reason_quotes(row: Opportunity) -> list[dict[str, Any]]:
    return [quote for pattern in row.anti_patterns for quote in pattern.get("quotes", [])]


def _reasons(session: Session, rows: Sequence[Opportunity]) -> dict[str, Item]:
    """Return the items that anti-patterns quote, by id."""
    wanted = {quote["item_id"] for row in rows for quote in _reason_quotes(row)}
    return {item.id: item for item in session.exec(select(Item).where(col(Item.id).in_(wanted)))}


def _named(row: Opportunity, items: Mapping[str, Item]) -> list[Item]:
    return [items[quote["item_id"]] for quote in _reason_quotes(row) if quote["item_id"] in items]


def _wrong_reasons(row: Opportunity, items: Mapping[str, Item]) -> Iterator[FaultView]:
    for quote in _reason_quotes(row):
        item = items.get(quote["item_id"])
        said = "" if item is None else words(item.title, item.text)
        if item is None or item.analysis_id != row.analysis_id or said[quote["start"] : quote["end"]] != quote["quote"]:
            yield FaultView(
                opportunity_id=row.id,
                item_id=quote["item_id"],
                message=f"The quote for caution from item {quote['item_id']} does not stand in its words.",
            )


def _wrong_numbers(row: Opportunity, supporters: Sequence[Item], total: int | None) -> Iterator[FaultView]:
    """Yield what differs from the stored numbers; with no total, only what can be counted."""

    def fault(message: str) -> FaultView:
        return FaultView(opportunity_id=row.id, item_id=None, message=message)

    if len(supporters) != row.items:
        yield fault(f"“{row.title}” says {row.items} items; {len(supporters)} are stored as speaking for it.")
    if not supporters:
        return
    numbers = again(supporters, total or len(supporters))
    for name, said, found in (
        ("authors", row.authors, numbers.authors),
        ("threads", row.threads, numbers.threads),
        *(
            []
            if total is None
            else [
                ("items without an author", row.unnamed, numbers.unnamed),
                ("of 100 as its score", row.score, numbers.score),
            ]
        ),
    ):
        if said != found:
            yield fault(f"“{row.title}” says {said} {name}; its items give {found}.")
    if total is not None:
        yield from (fault(message) for message in _wrong_metrics(row.title, row.metrics, numbers))


def _wrong_metrics(title: str, said: Mapping[str, Any], numbers: Assessment) -> Iterator[str]:
    for name in sorted({*said, *numbers.metrics}):
        plain = name.replace("_", " ")
        if name not in said or name not in numbers.metrics:
            side = "its items give one" if name not in said else "its items give none"
            yield f"“{title}” {'has no' if name not in said else 'has a'} value for {plain}; {side}."
        elif abs(float(said[name]["value"]) - numbers.metrics[name].value) > _SAME:
            yield (
                f"“{title}” says {float(said[name]['value']):.2f} for {plain}; "
                f"its items give {numbers.metrics[name].value:.2f}."
            )
        elif list(said[name]["evidence"]) != list(numbers.metrics[name].evidence):
            yield f"“{title}” names other items for {plain} than those that made it."
