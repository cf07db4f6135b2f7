"""Scores an opportunity from the items that speak for it; no engine's own number is ever used.

Every metric is there only when at least two items give evidence for it. The score is 100 times their weighted mean,
where a metric of `LOWER_IS_BETTER` counts with 1 - value; its interval comes from resampling the people who spoke, not
the items, so that one loud person does not make it narrow, and is widened where few spoke, so that alike ones do not
either. The rules are written out in docs/opportunities.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from app.services.pipeline.few_people import half_width, widened
from app.services.pipeline.metric_signs import SIGNS, URGENT, examined
from app.services.pipeline.records import Metric, Record
from app.services.pipeline.writers import is_named, writer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

WEIGHTS: Mapping[str, float] = {
    "frequency": 0.20,
    "willingness_to_pay": 0.18,
    "market_size": 0.14,
    "urgency": 0.13,
    "emotion": 0.08,
    "feasibility": 0.06,
    "revenue_clarity": 0.06,
    "switching_barriers": 0.06,
    "competition_density": 0.05,
    "acquisition_difficulty": 0.04,
}
"""The one table of weights, shown to the user, who can try others; together 1."""

LOWER_IS_BETTER = frozenset({"switching_barriers", "competition_density", "acquisition_difficulty"})

RULES = "3"
"""Version of the rules and weights: stored with an analysis; changes whenever the same items can score differently."""
MOST_EVIDENCE = 20
LEAST_EVIDENCE = 2
RESAMPLES = 200
SATURATED = 0.05
"""Share of all items from which `frequency` is 1."""
_SHARED = 0.25
"""Share of an opportunity's items from which an intent's metric is 1: few people ever say that they would pay."""
_FLOOR = 0.4
"""What an intent's metric is worth as soon as two items show it."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """The numbers of one opportunity."""

    metrics: dict[str, Metric]
    score: int
    """1 to 100."""
    interval: tuple[int, int]
    """90 %, holds the score."""
    confidence: float
    """0 to 1."""
    authors: int
    """Writers, each item without an author counted as by somebody else."""
    unnamed: int
    """Items without an author."""
    threads: int


COLUMNS = (
    "items",
    "urgent",
    "scored",
    "upset",
    "paying",
    "priced",
    "rivals",
    "leaving",
    "locked",
    "coping",
    "impossible",
)
"""What an item adds to the sums that metrics are made of."""


class Shown(NamedTuple):
    """Which signs the words of an item hold."""

    urgent: bool
    priced: bool
    rival: bool
    locked: bool
    impossible: bool


_SHOWN = tuple({"urgent": URGENT, **SIGNS}[name] for name in Shown._fields)


@dataclass(frozen=True, slots=True)
class Around:
    """What metrics are made of beside sums over items; the same in every resample."""

    total: int
    authors: int
    """Those whom the source names: how many people wrote the items without an author, nobody knows."""
    threads: int
    scattered: float
    """Chance that two of the items, drawn at random, come from different communities."""


def rescore(values: Mapping[str, float], weights: Mapping[str, float] = WEIGHTS) -> int:
    """Return the score, 1 to 100, that metrics have under given weights.

    Args:
        values: The metrics that there is evidence for, 0 to 1 each.
        weights: Of any size, none negative; a metric that is not among them counts nothing.
    """
    weight = math.fsum(weights.get(name, 0.0) for name in values)
    if weight <= 0:
        return 1
    mean = math.fsum(
        weights.get(name, 0.0) * (1 - value if name in LOWER_IS_BETTER else value) for name, value in values.items()
    )
    return max(1, min(100, round(100 * mean / weight)))


def assess(
    records: Sequence[Record],
    intents: Mapping[str, Sequence[str]],
    *,
    total: int,
    against: int,
    seed: int = 0,
) -> Assessment:
    """Return the numbers of an opportunity.

    Confidence is 0.95 · ∛(s(items, 15) · s(authors, 10) · s(threads, 5)) · (1 - 0.6 · a), where s(n, k) = 1 - e^(-n/k)
    and a is the share of `against` among all items that speak for or against it.

    Args:
        records: The items that speak for it, at least one, the most telling first.
        intents: What each of them wants, by id.
        total: How many items the analysis looked at.
        against: How many items speak against it.
        seed: For the resampling.
    """
    rows = [columns_of(record, intents.get(record.id, ())) for record in records]
    people = [writer(record) for record in records]
    authors = len(set(people))
    unnamed = sum(not is_named(who) for who in people)
    threads = len({record.thread for record in records})
    around = Around(total, authors - unnamed, threads, _scattered(records))
    values = metric_values(_columns(rows), around)
    evidence = _evidence(records, rows)
    metrics = {
        name: Metric(round(values[name], 4), WEIGHTS[name], evidence[name][:MOST_EVIDENCE])
        for name in WEIGHTS
        if len(evidence[name]) >= LEAST_EVIDENCE
    }
    score = rescore({name: values[name] for name in metrics})
    low, high = widened(score, *_resampled(rows, people, around, tuple(metrics), seed), half_width(authors))
    filled = [1 - math.exp(-count / scale) for count, scale in ((len(records), 15), (authors, 10), (threads, 5))]
    doubt = against / (len(records) + against)
    return Assessment(
        metrics=metrics,
        score=score,
        interval=(max(low, 1), min(high, 100)),
        confidence=round(0.95 * math.prod(filled) ** (1 / 3) * (1 - 0.6 * doubt), 4),
        authors=authors,
        unnamed=unnamed,
        threads=threads,
    )


def columns_of(record: Record, intents: Sequence[str]) -> tuple[float, ...]:
    """Return what an item adds to each of `COLUMNS`."""
    return sums_of(shown_by(record.text), record.sentiment, intents)


def shown_by(text: str) -> Shown:
    """Return what the words of an item show by themselves."""
    text = examined(text)
    lower = text.lower()
    return Shown(*(sign.found(text, lower) is not None for sign in _SHOWN))


def sums_of(shown: Shown, sentiment: float | None, intents: Sequence[str]) -> tuple[float, ...]:
    """Return `columns_of` an item, when what its words show is known."""
    return (
        1.0,
        float(shown.urgent),
        float(sentiment is not None),
        max(0.0, -sentiment) if sentiment is not None else 0.0,
        float("willingness_to_pay" in intents),
        float(shown.priced),
        float("comparison" in intents or shown.rival),
        float("switching" in intents),
        float(shown.locked),
        float("workaround" in intents),
        float(shown.impossible),
    )


def _columns(rows: Sequence[Sequence[float]]) -> list[float]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _scattered(records: Sequence[Record]) -> float:
    shares = [count / len(records) for count in Counter(record.community for record in records).values()]
    return 1 - sum(share * share for share in shares)


def metric_values(sums: Sequence[float], around: Around) -> dict[str, float]:
    """Return every metric, also those without evidence, from the sums of `COLUMNS` over the items."""
    return _formulas(dict(zip(COLUMNS, sums, strict=True)), around, min, max, math.sqrt)


def scores_of(rows: Matrix, around: Around, names: Sequence[str]) -> list[int]:
    """Return the score that each row of sums makes, by the metrics named: `rescore(metric_values(…))` all at once."""
    import numpy as np  # noqa: PLC0415 - starts threads at import

    found = _formulas(dict(zip(COLUMNS, rows.T, strict=True)), around, np.minimum, np.maximum, np.sqrt)
    weight = math.fsum(WEIGHTS[name] for name in names)
    if weight <= 0:
        return [1] * len(rows)
    weighed = [WEIGHTS[name] * (1 - found[name] if name in LOWER_IS_BETTER else found[name]) for name in names]
    spread = np.column_stack([np.broadcast_to(each, len(rows)) for each in weighed])
    # Added up as `rescore` does: a sum that rounds otherwise could be another score.
    return [max(1, min(100, round(100 * math.fsum(row) / weight))) for row in spread.tolist()]


def _formulas(
    count: Mapping[str, Any],
    around: Around,
    smaller: Callable[[Any, Any], Any],
    larger: Callable[[Any, Any], Any],
    root: Callable[[Any], Any],
) -> dict[str, Any]:
    """Return the metrics of one set of sums, or of a column of them, by the functions that fit."""
    items = larger(count["items"], 1.0)

    def shown(name: str) -> Any:  # noqa: ANN401 - a number or a column
        return _FLOOR + (1 - _FLOOR) * smaller(1.0, count[name] / items / _SHARED)

    def balance(for_it: str, against_it: str) -> Any:  # noqa: ANN401
        # Laplace's rule of succession: two voices do not make it certain.
        return (count[for_it] + 1) / (count[for_it] + count[against_it] + 2)

    return {
        "frequency": smaller(1.0, root(items / max(around.total, 1) / SATURATED)),
        "willingness_to_pay": shown("paying"),
        "market_size": 0.5 * min(1.0, math.log10(1 + around.authors) / 2) + 0.5 * min(1.0, around.threads / 10),
        "urgency": smaller(1.0, 2 * count["urgent"] / items),
        "emotion": smaller(1.0, 2 * count["upset"] / larger(count["scored"], 1.0)),
        "feasibility": balance("coping", "impossible"),
        "revenue_clarity": shown("priced"),
        "switching_barriers": balance("locked", "leaving"),
        "competition_density": shown("rivals"),
        "acquisition_difficulty": around.scattered,
    }


def _evidence(records: Sequence[Record], rows: Sequence[Sequence[float]]) -> dict[str, tuple[str, ...]]:
    def having(*names: str) -> tuple[str, ...]:
        columns = [COLUMNS.index(name) for name in names]
        return tuple(
            record.id for record, row in zip(records, rows, strict=True) if any(row[column] > 0 for column in columns)
        )

    upset = sorted((at for at, row in enumerate(rows) if row[3] > 0), key=lambda at: (-rows[at][3], at))
    first_of: dict[str, str] = {}
    first_in: dict[str, str] = {}
    for record in records:
        if record.author:
            first_of.setdefault(record.author, record.id)
        first_in.setdefault(record.community, record.id)
    return {
        "frequency": tuple(record.id for record in records),
        "willingness_to_pay": having("paying"),
        "market_size": tuple(first_of.values()),
        "urgency": having("urgent"),
        "emotion": tuple(records[at].id for at in upset),
        "feasibility": having("coping", "impossible"),
        "revenue_clarity": having("priced"),
        "switching_barriers": having("leaving", "locked"),
        "competition_density": having("rivals"),
        "acquisition_difficulty": tuple(first_in.values()),
    }


def _resampled(
    rows: Sequence[Sequence[float]], people: Sequence[str], around: Around, names: Sequence[str], seed: int
) -> tuple[float, float]:
    import numpy as np  # noqa: PLC0415 - starts threads at import

    place = {person: at for at, person in enumerate(dict.fromkeys(people))}
    by_person = np.zeros((len(place), len(COLUMNS)))
    for person, row in zip(people, rows, strict=True):
        by_person[place[person]] += row
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(place), np.full(len(place), 1 / len(place)), size=RESAMPLES) @ by_person
    low, high = np.percentile(scores_of(drawn, around, names), [5, 95])
    return float(low), float(high)
