"""Ranking opportunities by weights that a person chose: pure functions. The address holds the weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.services.contract import OpportunityView
from app.services.pipeline.metric_rules import RULE_WORDS
from app.services.pipeline.opportunity_metrics import WEIGHTS, rescore
from state import words
from state.analysis_place import items_href

MOST_WEIGHT = 50
"""The right end of a slider. Only the ratio of weights counts."""
DEFAULTS = {name: round(100 * weight) for name, weight in WEIGHTS.items()}


@dataclass(frozen=True)
class Slider:
    """One metric's weight."""

    name: str
    label: str
    weight: int
    rule: str


@dataclass(frozen=True)
class Ranked:
    """One opportunity in the ranking."""

    id: str
    title: str
    place: int
    moved: str
    """In words, against our own weights; empty when it stays."""
    score: str
    """Empty where it has no evidence for what is weighed."""
    ours: str
    item_words: str
    items_href: str


def weights_of(query: Mapping[str, str]) -> dict[str, int]:
    """Return the weights that an address asks for; ours where it asks for none or for nonsense."""
    return {name: weight_of(query.get(name, ""), default) for name, default in DEFAULTS.items()}


def weight_of(text: str, default: int) -> int:
    """Return a weight as whole number from 0 to `MOST_WEIGHT`."""
    return min(MOST_WEIGHT, int(text)) if text.isascii() and text.isdigit() and len(text) < 4 else default


def href(analysis_id: str, weights: Mapping[str, int]) -> str:
    """Return the address of a ranking; only weights that differ from ours stand in it."""
    query = {name: weight for name, weight in weights.items() if weight != DEFAULTS[name]}
    return f"/analyses/{analysis_id}/weights" + (f"?{urlencode(query)}" if query else "")


def still_to_come(led_to: Sequence[str], came: str, shown: str) -> list[str]:
    """Return the addresses to which sliders led and that a browser may still open, after it opened one of them.

    A browser leaves out addresses that were replaced at once: those before this one come no more. After the address of
    what is shown nothing comes, also where sliders led to it more than once.
    """
    return [] if came == shown else list(led_to[led_to.index(came) + 1 :])


def sliders(weights: Mapping[str, int]) -> list[Slider]:
    """Return the sliders, the heaviest of our weights first."""
    labels = {name: name.replace("_", " ") for name in DEFAULTS}
    return [Slider(name, labels[name], weights[name], RULE_WORDS[labels[name]]) for name in DEFAULTS]


def ranked(found: Sequence[OpportunityView], analysis_id: str, weights: Mapping[str, int]) -> list[Ranked]:
    """Return the opportunities by the score they have under the weights; equal ones stay in our order.

    Those without evidence for anything that is weighed come last. Where no metric weighs anything there is no order.
    """
    if not any(weights.values()):
        return []
    scores = [_score(each, weights) for each in found]
    order = sorted(range(len(found)), key=lambda at: (-(scores[at] or 0), at))
    return [
        Ranked(
            id=found[at].id,
            title=found[at].title,
            place=place + 1,
            moved="no evidence for what you weigh" if scores[at] is None else _moved(at - place),
            score="" if scores[at] is None else str(scores[at]),
            ours=f"{found[at].score} by our weights",
            item_words=words.counted(found[at].items, "item"),
            items_href=items_href(analysis_id, opportunity=found[at].id),
        )
        for place, at in enumerate(order)
    ]


def _score(found: OpportunityView, weights: Mapping[str, int]) -> int | None:
    """Return its score, 1 to 100; None where none of its metrics weighs anything."""
    if not any(weights.get(name) for name in found.metrics):
        return None
    return rescore({name: metric.value for name, metric in found.metrics.items()}, dict(weights))


def _moved(places: int) -> str:
    if places == 0:
        return ""
    return f"{'up' if places > 0 else 'down'} {abs(places)}"
