"""Numbers as people read them: counts with their unit, lengths of time, bands, percent. Pure functions."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
TO = "\N{EN DASH}"
COUNTED_UP_TO = 1000
"""Counts above this are not worth their price; the page says `1,000+`."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a count with its unit (`1 item`, `2,140 items`)."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def capped(number: int) -> str:
    """Return a count that stops at a thousand (`999`, `1,000+`)."""
    return f"{number:,}" if number <= COUNTED_UP_TO else f"{COUNTED_UP_TO:,}+"


def lasting(seconds: float) -> str:
    """Return a length of time, rounded to what matters (`40 s`, `3 min`, `2 h`, `5 d`)."""
    seconds = max(seconds, 0)
    if seconds < 1.5 * _MINUTE:
        return f"{round(seconds)} s"
    if seconds < 1.5 * _HOUR:
        return f"{round(seconds / _MINUTE)} min"
    if seconds < 1.5 * _DAY:
        return f"{round(seconds / _HOUR)} h"
    return f"{round(seconds / _DAY)} d"


def band(low: float, high: float) -> str:
    """Return a range of seconds in one unit (`20-40 s`, `1-2 min`), or one value where both ends round to the same."""
    low, high = sorted((max(low, 0), max(high, 0)))
    first, last = lasting(low), lasting(high)
    if first == last:
        return last
    if first.split()[1] == last.split()[1]:
        return f"{first.split()[0]}{TO}{last}"
    return f"{first} {TO} {last}"


def percent(fraction: float) -> int:
    """Return a fraction of one as whole percent; only what is finished reads as 100."""
    if fraction >= 1:
        return 100
    return min(99, max(0, int(fraction * 100 + 0.5)))
