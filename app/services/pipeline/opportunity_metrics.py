"""Scores an opportunity from the items that speak for it; no engine's own number is ever used.

Every metric is there only when at least two items give evidence for it. The score is 100 times their weighted mean with
the fixed weights below; its interval comes from resampling the people who spoke, not the items, so that one loud person
does not make it narrow.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.services.pipeline.records import Metric, Record

WEIGHTS: Mapping[str, float] = {
    "frequency": 0.25,
    "breadth": 0.15,
    "urgency": 0.15,
    "emotion": 0.10,
    "willingness_to_pay": 0.20,
    "switching": 0.10,
    "workaround": 0.05,
}
"""The one table of weights, shown to the user."""

RULES = "1"
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

_URGENT = re.compile(
    r"\b(?:asap|urgent(?:ly)?|immediately|right now|deadline|every (?:single )?(?:day|time|week|night|month)|daily|"
    r"constantly|again and again|(?:second|third|\d+(?:th|rd|nd)) time|lost (?:all|my|everything|data|\w* ?hours)|"
    r"data loss|(?:can't|cannot) (?:wait|work|use)|badly|desperate(?:ly)?|critical|blocker|losing|"
    r"keeps? \w+ing|always (?:fails?|breaks?)|costs? (?:me|us)|incidents?|whole (?:day|evening|weekend)|hours)\b",
    re.IGNORECASE,
)


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
    threads: int


@dataclass(frozen=True, slots=True)
class _Sums:
    """What metrics are made of, so that they can be made again for each resample."""

    items: float
    authors: float
    threads: float
    urgent: float
    scored: float
    upset: float
    paying: float
    leaving: float
    coping: float


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
    rows = [_row(record, intents.get(record.id, ())) for record in records]
    people = [record.author or f"unknown:{record.id}" for record in records]
    authors = len(set(people))
    threads = len({record.thread for record in records})
    columns = _columns(rows)
    sums = _Sums(columns[0], authors, threads, *columns[1:])
    values = _values(sums, total)
    evidence = _evidence(records, rows)
    metrics = {
        name: Metric(round(value, 4), WEIGHTS[name], evidence[name][:MOST_EVIDENCE])
        for name, value in values.items()
        if len(evidence[name]) >= LEAST_EVIDENCE
    }
    score = _score({name: values[name] for name in metrics})
    low, high = _interval(rows, people, threads, total, tuple(metrics), seed)
    filled = [1 - math.exp(-count / scale) for count, scale in ((len(records), 15), (authors, 10), (threads, 5))]
    doubt = against / (len(records) + against)
    return Assessment(
        metrics=metrics,
        score=score,
        interval=(min(low, score), max(high, score)),
        confidence=round(0.95 * math.prod(filled) ** (1 / 3) * (1 - 0.6 * doubt), 4),
        authors=authors,
        threads=threads,
    )


def _row(record: Record, intents: Sequence[str]) -> tuple[float, ...]:
    upset = max(0.0, -record.sentiment) if record.sentiment is not None else 0.0
    return (
        1.0,
        float(_URGENT.search(record.text[:2_000]) is not None),
        float(record.sentiment is not None),
        upset,
        float("willingness_to_pay" in intents),
        float("switching" in intents),
        float("workaround" in intents),
    )


def _columns(rows: Sequence[Sequence[float]]) -> list[float]:
    return [sum(column) for column in zip(*rows, strict=True)]


def _values(sums: _Sums, total: int) -> dict[str, float]:
    items = max(sums.items, 1.0)

    def shown(count: float) -> float:
        return _FLOOR + (1 - _FLOOR) * min(1.0, count / items / _SHARED)

    return {
        "frequency": min(1.0, math.sqrt(items / max(total, 1) / SATURATED)),
        "breadth": min(1.0, 0.5 * sums.authors / items + 0.5 * min(1.0, sums.threads / 10)),
        "urgency": min(1.0, 2 * sums.urgent / items),
        "emotion": min(1.0, 2 * sums.upset / max(sums.scored, 1.0)),
        "willingness_to_pay": shown(sums.paying),
        "switching": shown(sums.leaving),
        "workaround": shown(sums.coping),
    }


def _evidence(records: Sequence[Record], rows: Sequence[Sequence[float]]) -> dict[str, tuple[str, ...]]:
    def having(column: int) -> tuple[str, ...]:
        return tuple(record.id for record, row in zip(records, rows, strict=True) if row[column] > 0)

    upset = sorted((at for at, row in enumerate(rows) if row[3] > 0), key=lambda at: (-rows[at][3], at))
    first_of: dict[str, str] = {}
    for record in records:
        first_of.setdefault(record.author or f"unknown:{record.id}", record.id)
    return {
        "frequency": tuple(record.id for record in records),
        "breadth": tuple(first_of.values()),
        "urgency": having(1),
        "emotion": tuple(records[at].id for at in upset),
        "willingness_to_pay": having(4),
        "switching": having(5),
        "workaround": having(6),
    }


def _score(values: Mapping[str, float]) -> int:
    weight = sum(WEIGHTS[name] for name in values)
    mean = sum(WEIGHTS[name] * value for name, value in values.items()) / weight if weight else 0.0
    return max(1, min(100, round(100 * mean)))


def _interval(
    rows: Sequence[Sequence[float]], people: Sequence[str], threads: int, total: int, names: Sequence[str], seed: int
) -> tuple[int, int]:
    import numpy as np  # noqa: PLC0415 - starts threads at import

    place = {person: at for at, person in enumerate(dict.fromkeys(people))}
    by_person = np.zeros((len(place), len(rows[0])))
    for person, row in zip(people, rows, strict=True):
        by_person[place[person]] += row
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(place), np.full(len(place), 1 / len(place)), size=RESAMPLES) @ by_person
    scores = []
    for sums in drawn.tolist():
        values = _values(_Sums(sums[0], len(place), threads, *sums[1:]), total)
        scores.append(_score({name: values[name] for name in names}))
    low, high = np.percentile(scores, [5, 95])
    return math.floor(low), math.ceil(high)
