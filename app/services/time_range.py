"""The time range of an analysis in the same words at every door: page, command line, REST.

Who asks a program for no range gets all of it: a range that moves with the day would silently leave out items that
yesterday's same call still gave. The page begins at the last 30 days, which stand in its form beside the estimate.
"""

from __future__ import annotations

from datetime import UTC, datetime

ALL = "all time"
DEFAULT = "Left out: all time. The New analysis page begins at the last 30 days (at all time with a file)."
"""What each door says of its default."""


def in_words(since: datetime | None, until: datetime | None) -> str:
    """Return a range in words: `all time`, `since 1 Oct 2026`, `until …`, `1 Oct 2026 to 24 Oct 2026 16:30 UTC`."""
    if since is not None and until is not None:
        return f"{day(since)} to {day(until)}"
    if since is not None:
        return f"since {day(since)}"
    return f"until {day(until)}" if until is not None else ALL


def day(moment: datetime) -> str:
    """Return the day in UTC, with the time of day where it is not midnight."""
    moment = moment.astimezone(UTC)
    midnight = (moment.hour, moment.minute) == (0, 0)
    return f"{moment:%-d %b %Y}" if midnight else f"{moment:%-d %b %Y %H:%M} UTC"
