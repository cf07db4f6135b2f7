"""Tells how the mood changed between two sets of items, and how sure that is.

Mood is the mean sentiment of the items. What one person says hangs together, and in a run that asks again most items
are the same ones: so the interval counts people, and who speaks in both sets counts as the one person that they are.

    D = mean(after) - mean(before)        Var(D) = Σ over people (Σ their after (s - m_a) / n_a - Σ their before …)²

This is the cluster-robust (sandwich) variance of a difference of means; see Cameron and Miller, "A Practitioner's
Guide to Cluster-Robust Inference", 2015, https://doi.org/10.3368/jhr.50.2.317. Everything in it is a sum, so that the
database can make it without handing over a row for each item.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

Z = 1.96
"""Of a 95 % interval. Scores have 90 % ones; here many topics are looked at together, so less is left to chance."""
LEAST_CHANGE = 0.02
"""Of mood, which goes from -1 to 1: less is no news, however many people make it sure."""
LEAST_PEOPLE = 8
"""On each side, below which nothing is called clear: the interval stands on the law of large numbers."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over people: n counts a person's items, s adds up their sentiment; a is after, b is before."""

    n_a: float = 0
    s_a: float = 0
    n_b: float = 0
    s_b: float = 0
    s_a_s_a: float = 0
    s_a_n_a: float = 0
    n_a_n_a: float = 0
    s_b_s_b: float = 0
    s_b_n_b: float = 0
    n_b_n_b: float = 0
    s_a_s_b: float = 0
    s_a_n_b: float = 0
    n_a_s_b: float = 0
    n_a_n_b: float = 0
    people_a: float = 0
    people_b: float = 0


@dataclass(frozen=True, slots=True)
class Shift:
    """How the mood changed; None where a side has no scored item."""

    before: float | None
    after: float | None
    change: float | None
    low: float | None
    """95 % interval of the change."""
    high: float | None
    clear: bool
    """Whether the interval leaves out 0, the change is no trifle, and enough people spoke on both sides."""


def shift(sums: Sums) -> Shift:
    """Return what the sums say."""
    before = sums.s_b / sums.n_b if sums.n_b else None
    after = sums.s_a / sums.n_a if sums.n_a else None
    if before is None or after is None:
        return Shift(_rounded(before), _rounded(after), None, None, None, clear=False)
    # Each bracket is Σ (s - m·n)·(s' - m'·n') over people, multiplied out.
    of_after = (sums.s_a_s_a - 2 * after * sums.s_a_n_a + after**2 * sums.n_a_n_a) / sums.n_a**2
    of_before = (sums.s_b_s_b - 2 * before * sums.s_b_n_b + before**2 * sums.n_b_n_b) / sums.n_b**2
    of_both = (sums.s_a_s_b - before * sums.s_a_n_b - after * sums.n_a_s_b + after * before * sums.n_a_n_b) / (
        sums.n_a * sums.n_b
    )
    half = Z * math.sqrt(max(0.0, of_after + of_before - 2 * of_both))
    change = after - before
    sure = round(abs(change), 4) > round(half, 4) and round(abs(change), 4) >= LEAST_CHANGE
    clear = sure and min(sums.people_a, sums.people_b) >= LEAST_PEOPLE
    return Shift(
        _rounded(before),
        _rounded(after),
        _rounded(change),
        _rounded(max(-2.0, change - half)),
        _rounded(min(2.0, change + half)),
        clear=clear,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4) + 0.0  # no -0.0
