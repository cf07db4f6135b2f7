"""The receipt of an opportunity: everything its score was made of, in the order in which it was made.

items that speak for it ──▶ spans that are quoted ──▶ metrics with their evidence ──▶ score
"""

from __future__ import annotations

from collections import defaultdict
from textwrap import shorten
from typing import Any

from pydantic import Field
from sqlmodel import Session

from app.core.errors import NotFound
from app.core.ids import is_id
from app.models import Opportunity
from app.services import results, verification
from app.services.access import Action, Actor, ActorKind, require
from app.services.contract import Contract, EvidenceView, Moment, OpportunityView, VerificationView
from app.services.ownership import owned_analysis
from app.services.pipeline.bias import bias
from app.services.pipeline.metric_rules import RULE_WORDS
from app.services.pipeline.mind_changers import what_would_change
from app.services.pipeline.opportunity_metrics import LOWER_IS_BETTER
from app.services.reading import record, words

OPENING = 160
"""Characters of an item that stand where nothing of it is quoted."""


class SpanView(Contract):
    """A quoted span of an item's words."""

    start: int
    end: int
    quote: str


class ReceiptItemView(Contract):
    """One item that speaks for the opportunity, and what it gave evidence for."""

    item_id: str
    community: str
    author: str | None
    permalink: str
    posted_at: Moment
    content_sha256: str
    opening: str = Field(default="", description="How the item begins, up to 160 characters.")
    spans: list[SpanView]
    metrics: list[str]


class ReceiptMetricView(Contract):
    """One part of the score."""

    name: str
    rule: str
    value: float
    less_is_better: bool
    weight: float
    points: float
    """What it adds to the score: the points of all metrics together are the score before rounding."""
    evidence: list[str]


class MindChangeView(Contract):
    """The fewest items without which the verdict would be another."""

    worth_a_look: bool
    item_ids: list[str]
    exact: bool
    sentence: str


class DoubtView(Contract):
    """How far to trust an opportunity."""

    bias: str
    mind: MindChangeView | None
    """Null when it was scored by rules of another version."""


class ReceiptView(Contract):
    """Everything that the score of an opportunity was made of."""

    opportunity_id: str
    analysis_id: str
    question: str
    sample: bool
    title: str
    kind: str
    engine: str
    score: int
    score_interval: tuple[int, int]
    looked_at: int
    """Items that opportunities were drawn from."""
    items: list[ReceiptItemView]
    against: list[EvidenceView]
    anti_patterns: list[dict[str, Any]]
    metrics: list[ReceiptMetricView]
    doubt: DoubtView | None
    """Null when no item is stored as speaking for it."""
    verification: VerificationView
    rules: str
    """Version of the rules it was scored by."""
    manifest_sha256: str | None


def receipt(session: Session, actor: Actor, opportunity_id: str) -> ReceiptView:
    """Return the receipt. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    row = session.get(Opportunity, opportunity_id) if is_id(opportunity_id) else None
    # One answer for what is not there and for what is another workspace's.
    if row is None or (actor.kind is not ActorKind.SYSTEM and row.workspace_id != actor.workspace_id):
        raise NotFound("There is no such opportunity in this workspace; check the address.")
    analysis = owned_analysis(session, actor, row.analysis_id)
    found = results.opportunity(session, actor, analysis.id, row.id)
    supporters = verification.supporting(session, [row.id])[row.id]
    spans: dict[str, list[SpanView]] = defaultdict(list)
    for quote in found.evidence:
        spans[quote.item_id].append(SpanView(start=quote.start, end=quote.end, quote=quote.quote))
    shows: dict[str, list[str]] = defaultdict(list)
    for name, metric in found.metrics.items():
        for item_id in metric.evidence:
            shows[item_id].append(name)
    return ReceiptView(
        opportunity_id=row.id,
        analysis_id=analysis.id,
        question=analysis.question,
        sample=analysis.sample,
        title=row.title,
        kind=row.kind,
        engine=row.engine,
        score=row.score,
        score_interval=(row.score_low, row.score_high),
        looked_at=verification.weighed(session, analysis.id),
        items=[
            ReceiptItemView(
                item_id=item.id,
                community=item.community,
                author=item.author,
                permalink=item.permalink,
                posted_at=item.posted_at,
                content_sha256=item.content_sha256,
                opening=shorten(words(item.title, item.text), OPENING, placeholder="\N{HORIZONTAL ELLIPSIS}"),
                spans=spans[item.id],
                metrics=shows[item.id],
            )
            for item in supporters
        ],
        against=found.against,
        anti_patterns=found.anti_patterns,
        metrics=_metrics(found),
        doubt=doubt(session, actor, analysis.id, row.id),
        verification=verification.verify(session, actor, row.id),
        rules=str(analysis.versions.get("metrics", "1")),
        manifest_sha256=analysis.manifest_sha256,
    )


def doubt(session: Session, actor: Actor, analysis_id: str, opportunity_id: str) -> DoubtView | None:
    """Return how far to trust an opportunity; None when no item is stored as speaking for it. Raises `NotFound`."""
    results.opportunity(session, actor, analysis_id, opportunity_id)
    analysis = owned_analysis(session, actor, analysis_id)
    items = verification.supporting(session, [opportunity_id])[opportunity_id]
    if not items:
        return None
    records = [record(item) for item in items]
    mind = None
    if verification.same_rules(analysis):
        intents = {item.id: tuple(item.intents) for item in items}
        change = what_would_change(records, intents, total=verification.weighed(session, analysis_id))
        mind = MindChangeView(
            worth_a_look=change.worth_a_look,
            item_ids=list(change.item_ids),
            exact=change.exact,
            sentence=change.sentence,
        )
    return DoubtView(bias=bias(records).sentence, mind=mind)


def _metrics(found: OpportunityView) -> list[ReceiptMetricView]:
    total = sum(metric.weight for metric in found.metrics.values()) or 1.0
    rows = []
    for name, metric in sorted(found.metrics.items(), key=lambda pair: (-pair[1].weight, pair[0])):
        less = name in LOWER_IS_BETTER
        rows.append(
            ReceiptMetricView(
                name=name,
                rule=RULE_WORDS.get(name.replace("_", " "), ""),
                value=metric.value,
                less_is_better=less,
                weight=metric.weight,
                points=round(100 * metric.weight * (1 - metric.value if less else metric.value) / total, 2),
                evidence=metric.evidence,
            )
        )
    return rows
