"""Numbers as people read them: counts with their unit, lengths of time, bands, percent. Pure functions."""

from __future__ import annotations

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
TO = "\N{EN DASH}"
COUNTED_UP_TO = 1000
"""Counts above this are not worth their price; the page says `1,000+`."""


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a count with its unit (`1 item`, `2,140 items`)."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def place_name(community: str) -> str:
    """Return a place's name without its own SAMPLE: each page that shows made-up items has that mark already."""
    return community.removeprefix("SAMPLE \N{MIDDLE DOT} ")


def these(number: int) -> str:
    """Return the words of what shows items that were counted just before (`Show this item`, `Show these 21 items`)."""
    return "Show this item" if number == 1 else f"Show these {number:,} items"


def capped(number: int) -> str:
    """Return a count that stops at a thousand (`999`, `1,000+`)."""
    return f"{number:,}" if number <= COUNTED_UP_TO else f"{COUNTED_UP_TO:,}+"


def lasting(seconds: float) -> str:
    """Return a length of time, rounded to what matters (`40 s`, `3 min`, `2 h`, `5 d`)."""
    unit, name = _unit(seconds)
    return f"{round(max(seconds, 0) / unit)} {name}"


def band(low: float, high: float) -> str:
    """Return a range of seconds, in one unit where both ends fit it (`1-2 min`), or one value where they are alike."""
    low, high = sorted((max(low, 0), max(high, 0)))
    unit, name = _unit(high)
    first, last = round(low / unit), round(high / unit)
    if first == last:
        return f"{last} {name}"
    return f"{first}{TO}{last} {name}" if first or unit == 1 else f"{lasting(low)} {TO} {last} {name}"


def left(likely: float, latest: float) -> str:
    """Say how long something still takes, from the seconds until it likely ends and until it ends at the latest."""
    if likely > 0:
        return f"about {lasting(_rounded(likely))} left"
    if latest > 0:
        return f"up to {lasting(_rounded(latest))} left"
    return "longer than expected"


def _rounded(seconds: float) -> float:
    # To five seconds: an estimate is not known to the second, and a number that runs is read as if it were.
    return max(5, 5 * round(seconds / 5)) if seconds < _MINUTE else seconds


def _unit(seconds: float) -> tuple[int, str]:
    if seconds < 1.5 * _MINUTE:
        return 1, "s"
    if seconds < 1.5 * _HOUR:
        return _MINUTE, "min"
    return (_HOUR, "h") if seconds < 1.5 * _DAY else (_DAY, "d")


def percent(fraction: float) -> int:
    """Return a fraction of one as whole percent; only what is finished reads as 100."""
    if fraction >= 1:
        return 100
    return min(99, max(0, int(fraction * 100 + 0.5)))
