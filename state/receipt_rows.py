"""A receipt as its page shows it: pure functions from the contract to rows of words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.services.pipeline.few_people import is_widened
from app.services.pipeline.item_words import SCORED
from app.services.pipeline.opportunity_metrics import WEIGHTS
from app.services.receipts import ReceiptItemView, ReceiptMetricView, ReceiptView
from state import words
from state.analysis_place import items_href
from state.links import outward

FIRST_ITEMS = 20
"""Items shown at once; the others when someone asks for them."""
MAX_ITEMS = 100
"""Items shown on the page; the door leads to all of them."""
SAME = 1e-6
"""Weights that miss 1 by less are all of them."""


@dataclass(frozen=True)
class ItemStep:
    """One item that speaks for the opportunity."""

    id: str
    community: str
    author: str
    posted_at: str
    permalink: str
    shows: str
    spans: list[str] = field(default_factory=list)
    opening: str = ""
    """How it begins, where nothing of it is quoted."""


@dataclass(frozen=True)
class MetricStep:
    """One part of the score."""

    name: str
    rule: str
    value: str
    weight: str
    points: str
    item_words: str


@dataclass(frozen=True)
class Receipt:
    """The whole page."""

    title: str = ""
    score: str = ""
    interval: str = ""
    sample: bool = False
    engine: str = ""
    question: str = ""
    analysis_href: str = ""
    holds: bool = False
    checked: str = ""
    faults: list[str] = field(default_factory=list)
    bias: str = ""
    mind: str = ""
    mind_words: str = ""
    mind_voices: list[ItemStep] = field(default_factory=list)
    """The items without which the verdict would be another."""
    items_words: str = ""
    items_href: str = ""
    left_out: str = ""
    voices: list[ItemStep] = field(default_factory=list)
    more_voices: list[ItemStep] = field(default_factory=list)
    """Those after the first, shown when someone asks for them."""
    more_words: str = ""
    metrics: list[MetricStep] = field(default_factory=list)
    total: str = ""
    seal: str = ""


def receipt(view: ReceiptView) -> Receipt:
    """Return a receipt's page."""
    check = view.verification
    low, high = view.score_interval
    shown = view.items[:MAX_ITEMS]
    mind = view.doubt.mind if view.doubt else None
    leaving = set(mind.item_ids) if mind else set()
    without = [_item(item, sample=view.sample) for item in view.items if item.item_id in leaving]
    return Receipt(
        title=view.title,
        score=str(view.score),
        interval=f"{low}{words.TO}{high} "
        + ("with 90 % certainty" if is_widened(view.rules) else "in 90 % of resamplings, by older rules,")
        + " by the people who spoke",
        sample=view.sample,
        engine=view.engine,
        question=view.question,
        analysis_href=f"/analyses/{view.analysis_id}?tab=opportunities",
        holds=check.holds,
        checked=f"Checked just now: {words.counted(check.quotes, 'quote')} against the words of "
        f"{words.counted(check.items, 'item')}"
        + (", and the score made again." if check.scores else "; it was scored by rules of another version."),
        faults=[fault.message for fault in check.faults],
        bias=view.doubt.bias if view.doubt else "",
        mind=mind.sentence if mind else "",
        mind_words=words.these(len(without)),
        mind_voices=without,
        items_words=f"{len(view.items):,} of {view.looked_at:,} {SCORED} speak for it",
        items_href=items_href(view.analysis_id, opportunity=view.opportunity_id),
        left_out=f"{len(view.items) - len(shown):,} more stand behind the number above."
        if len(view.items) > len(shown)
        else "",
        voices=[_item(item, sample=view.sample) for item in shown[:FIRST_ITEMS]],
        more_voices=[_item(item, sample=view.sample) for item in shown[FIRST_ITEMS:]],
        more_words=f"Show all {len(shown)}" if len(shown) > FIRST_ITEMS else "",
        metrics=[_metric(metric, math.fsum(each.weight for each in view.metrics)) for metric in view.metrics],
        total=_total(view),
        seal=f"Rules {view.rules}"
        + (f" · manifest {view.manifest_sha256}" if view.manifest_sha256 else " · not sealed yet"),
    )


def _total(view: ReceiptView) -> str:
    said = f"{sum(metric.points for metric in view.metrics):.2f} points make a score of {view.score}."
    missing = len(WEIGHTS) - len(view.metrics)
    if missing <= 0:
        return said
    return f"{said} {words.counted(missing, 'metric')} without evidence left their weight to the others."


def _item(item: ReceiptItemView, *, sample: bool) -> ItemStep:
    return ItemStep(
        id=item.item_id,
        community=words.place_name(item.community),
        author=item.author or "unnamed",
        posted_at=rfc3339(item.posted_at),
        permalink="" if sample else outward(item.permalink),
        shows=", ".join(name.replace("_", " ") for name in item.metrics),
        spans=[span.quote for span in item.spans],
        opening="" if item.spans else item.opening,
    )


def _metric(metric: ReceiptMetricView, together: float) -> MetricStep:
    """Return one line of which value times weight gives the points.

    Args:
        metric: A part of the score.
        together: The weights of all parts that there is evidence for: the others' goes to them.
    """
    value, in_force = f"{metric.value:.4f}", 100 * metric.weight / together if together else 0.0
    return MetricStep(
        name=metric.name.replace("_", " "),
        rule=metric.rule,
        value=f"1 \N{MINUS SIGN} {value} = {1 - metric.value:.4f}" if metric.less_is_better else value,
        weight=f"{in_force:.2f} %" + ("" if together > 1 - SAME else f" (of {words.percent(metric.weight)} %)"),
        points=f"{metric.points:.2f}",
        item_words=words.counted(len(metric.evidence), "item"),
    )
