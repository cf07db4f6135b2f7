"""What time it is. Tests set it; nothing else in the program asks the operating system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

_fixed: list[datetime] = []


def now() -> datetime:
    """Return the present moment, timezone-aware, in UTC."""
    return _fixed[-1] if _fixed else datetime.now(UTC)


@contextmanager
def fixed(moment: datetime) -> Iterator[None]:
    """Hold the clock still at `moment` for the length of a test."""
    _fixed.append(moment)
    try:
        yield
    finally:
        _fixed.pop()


def rfc3339(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC with milliseconds (`2026-11-22T12:00:00.000Z`)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
