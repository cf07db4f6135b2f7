"""Daily quotas counted in units: how much a provider gives for a day, what each call takes, and when the day ends.

Pure; no network. Who has taken how much today is kept by the caller's guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True)
class Quota:
    """What a provider gives for one day, from its documentation (link beside each value in the source)."""

    unit: str
    """What is counted, as the ledger writes it (`quota_unit`)."""
    units_per_day: int
    costs: Mapping[str, int]
    """Units that one call of an operation takes; operations that are not named take one."""

    def cost(self, operation: str) -> int:
        """Return the units that one call takes."""
        return self.costs.get(operation, 1)

    def highest_cost(self) -> int:
        """Return the units of the most expensive call."""
        return max([1, *self.costs.values()])


def day_start(now: datetime) -> datetime:
    """Return when the quota day of `now` began, in UTC.

    Google's daily quotas reset at midnight Pacific Time
    (https://developers.google.com/youtube/v3/determine_quota_cost).
    """
    today = (now.astimezone(UTC) - timedelta(hours=7)).date()
    start = _pacific_midnight(today)
    return start if start <= now else _pacific_midnight(today - timedelta(days=1))


def next_reset(now: datetime) -> datetime:
    """Return when the next quota day begins, in UTC."""
    # A day has 23 to 25 hours, so 36 hours after its start is always the day after it.
    following = (day_start(now) + timedelta(hours=36) - timedelta(hours=8)).date()
    return _pacific_midnight(following)


def _pacific_midnight(day: date) -> datetime:
    """Return midnight at the start of `day` on the American west coast, in UTC.

    Computed, because slim systems come without a time zone database. Daylight saving time runs from the second Sunday
    of March to the first of November, and both changes are at 2 o'clock, after midnight
    (https://www.nist.gov/pml/time-and-frequency-division/popular-links/daylight-saving-time-dst).
    """
    saving = _sunday(day.year, 3, 2) < day <= _sunday(day.year, 11, 1)
    return datetime.combine(day, time(7 if saving else 8), UTC)


def _sunday(year: int, month: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
