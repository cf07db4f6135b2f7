"""Whether a topic is spoken of more as time goes on, and how sure that is.

The share of a topic among all items of a period is followed, not its count: more is collected of recent days. The odds
ratio from the first to the last period is the one-step estimate of a logistic line through the shares (the test of
Cochran and Armitage: P. Armitage, 1955, https://doi.org/10.2307/3001775); its interval is widened by what the shares
scatter around the line, since items of one thread come together (quasi-likelihood: R. W. M. Wedderburn, 1974,
https://doi.org/10.1093/biomet/61.3.439).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Direction = Literal["rising", "falling", "unclear"]

FEWEST_ITEMS = 10
"""Below, a topic has no direction."""
FEWEST_PERIODS = 3
_NINETY_FIVE = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31)
"""Student's t at 97.5 % for 1, 2, … degrees of freedom: the scatter is itself a guess from few periods."""
_MOST = 6.0
"""Logarithm beyond which a ratio says no more than "very much"."""


@dataclass(frozen=True, slots=True)
class Trend:
    """How a share changes from the first period to the last."""

    direction: Direction
    """`unclear` when the interval holds 1, or there is too little to say."""
    ratio: float | None
    """Odds at the end by odds at the start; None when there is too little to say."""
    interval: tuple[float, float] | None
    """95 %."""


def trend(found: Sequence[int], of: Sequence[int]) -> Trend:
    """Return the trend of counts among totals, both by period, oldest first.

    Args:
        found: Items of the topic in each period.
        of: Items of all kinds in the same period; at least as many.
    """
    periods = [
        (place / (len(of) - 1), some, every)
        for place, (some, every) in enumerate(zip(found, of, strict=True))
        if every and len(of) > 1
    ]
    total, items = sum(every for _, _, every in periods), sum(some for _, some, _ in periods)
    if items < FEWEST_ITEMS or len(periods) < FEWEST_PERIODS or items == total:
        return Trend("unclear", None, None)
    share = items / total
    middle = sum(when * every for when, _, every in periods) / total
    spread = share * (1 - share) * sum(every * (when - middle) ** 2 for when, _, every in periods)
    slope = sum((when - middle) * some for when, some, _ in periods) / spread
    scatter = 0.0
    level = math.log(share / (1 - share))
    for when, some, every in periods:
        expected = 1 / (1 + math.exp(-max(-_MOST * 2, min(_MOST * 2, level + slope * (when - middle)))))
        scatter += (some - every * expected) ** 2 / (every * expected * (1 - expected))
    widened = math.sqrt(max(1.0, scatter / (len(periods) - 2)) / spread)
    reach = _NINETY_FIVE[min(len(periods) - 2, len(_NINETY_FIVE)) - 1] * widened
    low, high = slope - reach, slope + reach
    direction: Direction = "rising" if low > 0 else "falling" if high < 0 else "unclear"
    return Trend(direction, _ratio(slope), (_ratio(low), _ratio(high)))


def _ratio(logarithm: float) -> float:
    return round(math.exp(max(-_MOST, min(_MOST, logarithm))), 3)
