"""Draws few people from large opportunities and counts how often their interval holds the score of all: for the docs.

`python -m tests.app.services.pipeline.measured_intervals [a|b]`, about two minutes for voice a.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from unittest import mock

from app.services.pipeline import opportunity_metrics
from app.services.pipeline.opportunity_metrics import Assessment, assess, columns_of, metric_values, rescore
from app.services.pipeline.records import OpportunityFound, Record
from integrations.sandbox.corpus import generate
from tests.app.services.pipeline.test_whole_pipeline import records_of, run

SIZES = (2, 3, 5, 8, 12, 20, 30, 50, 80, 120)
DRAWS = 40


@dataclass
class Held:
    """What the intervals of one number of people held."""

    bare: int = 0
    """The score of everybody, by resampling alone."""
    whole: int = 0
    """The score of everybody."""
    same_reach: int = 0
    """The score of everybody, with market size as the few have it."""
    widths: list[int] = field(default_factory=list)
    """Of the intervals, for their mean."""


def measure(voice: str, seed: int = 7) -> dict[int, Held]:
    """Return by number of people what their intervals held."""
    _, scored, spoken, _, found = run(records_of(generate(seed=seed, scale=1.0, voice=voice)))
    intents = {item.id: item.intents for item in scored.values()}
    by_id = {record.id: record for record in spoken}
    chance, held = random.Random(1), defaultdict(Held)
    for opportunity in found:
        everybody = [by_id[item] for item in opportunity.supporters]
        _draw(opportunity, everybody, intents, len(spoken), chance, held)
    return dict(sorted(held.items()))


def _draw(
    opportunity: OpportunityFound,
    everybody: Sequence[Record],
    intents: Mapping[str, Sequence[str]],
    total: int,
    chance: random.Random,
    held: dict[int, Held],
) -> None:
    said: dict[str, list[Record]] = defaultdict(list)
    for record in everybody:
        said[record.author or f"unknown:{record.id}"].append(record)
    rows = [columns_of(record, intents.get(record.id, ())) for record in everybody]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    for size in (size for size in SIZES if 2 * size <= len(said)):
        for draw in range(DRAWS):
            few = [record for person in chance.sample(list(said), size) for record in said[person]]
            looked_at = max(1, round(total * size / len(said)))
            numbers = assess(few, intents, total=looked_at, against=0, seed=draw)
            with mock.patch.object(opportunity_metrics, "half_width", return_value=0.0):
                bare = assess(few, intents, total=looked_at, against=0, seed=draw)
            around = opportunity_metrics.Around(
                total, numbers.authors, numbers.threads, opportunity_metrics._scattered(everybody)
            )
            values = metric_values(sums, around)
            held[size].bare += _holds(bare, opportunity.score)
            held[size].whole += _holds(numbers, opportunity.score)
            held[size].same_reach += _holds(numbers, rescore({name: values[name] for name in opportunity.metrics}))
            held[size].widths.append(numbers.interval[1] - numbers.interval[0])


def _holds(numbers: Assessment, score: int) -> bool:
    return numbers.interval[0] <= score <= numbers.interval[1]


if __name__ == "__main__":
    for size, counts in measure(sys.argv[1] if len(sys.argv) > 1 else "a").items():
        drawn = len(counts.widths)
        shares = " ".join(f"{count / drawn:.2f}" for count in (counts.bare, counts.whole, counts.same_reach))
        print(size, drawn, shares, f"width {sum(counts.widths) / drawn:.0f}")
