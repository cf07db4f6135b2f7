"""How wide the interval of a score must be for the people that it rests on, however alike they are.

Resampling shows only how those who spoke differ among themselves: three people who say the same leave it no width,
though three others might say something else. So an interval is at least as wide as the mean of that many people whose
own scores could lie anywhere from 0 to 100, each as likely as any other.
"""

from __future__ import annotations

import math

SPREAD = 100 / math.sqrt(12)
"""Standard deviation of a number that lies anywhere from 0 to 100 with the same chance."""
SURE = 1.645
"""Standard deviations to either side that hold 90 % of a normal distribution."""


SINCE_RULES = 3
"""Version of the rules of the score from which on its interval is made so wide."""


def is_widened(rules: str) -> bool:
    """Return whether the interval of a score made by a version of the rules is as wide as few people make it."""
    return rules.isdecimal() and int(rules) >= SINCE_RULES


def half_width(people: int) -> float:
    """Return how far the interval of a score reaches to either side at least: 47.5 points over √people."""
    return SURE * SPREAD / math.sqrt(max(people, 1))


def half_width_of_change(before: int, after: int, both: int) -> float:
    """Return the same for a change of a score; who speaks on both sides counts once, and for no change when alone.

    Args:
        before: People of the earlier score.
        after: People of the later score.
        both: Those of them who are the same.
    """
    if not before or not after:
        return half_width(1)
    # 1/before + 1/after - 2·both/(before·after); whole numbers, so that the same people make exactly nothing.
    return SURE * SPREAD * math.sqrt((before + after - 2 * both) / (before * after))


def widened(value: int, low: float, high: float, half: float) -> tuple[int, int]:
    """Return the interval, made wide enough: it holds `value` and reaches `half` to either side of it."""
    return math.floor(min(low, value - half)), math.ceil(max(high, value + half))
