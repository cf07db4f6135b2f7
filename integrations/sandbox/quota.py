"""A provider's daily allowance of units, which a test can set and read through `/_control/quota`."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

_PACIFIC = -8 * 3600
"""The day of the allowance ends at midnight in California; summer time is left out."""


class Quota:
    """Counts units until the limit of the day."""

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._lock = Lock()
        self._day = self._today()
        self._used = 0

    @property
    def used(self) -> int:
        """Units used today."""
        with self._lock:
            return self._used if self._day == self._today() else 0

    def take(self, units: int) -> bool:
        """Use `units`; False when the day has not so many left, and then nothing is used."""
        with self._lock:
            if self._day != self._today():
                self._day, self._used = self._today(), 0
            if self._used + units > self.limit:
                return False
            self._used += units
            return True

    def set(self, limit: int | None = None, used: int | None = None) -> None:
        """Set the limit, or what is used today, or both. Raises `ValueError` for numbers below 0."""
        if min(limit or 0, used or 0) < 0:
            raise ValueError("A quota and its use must be 0 or more.")
        with self._lock:
            if limit is not None:
                self.limit = limit
            if used is not None:
                self._day, self._used = self._today(), used

    def _today(self) -> int:
        return int(self._clock() + _PACIFIC) // 86_400
