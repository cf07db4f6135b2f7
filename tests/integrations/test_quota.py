from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from integrations.quota import Quota, day_start, next_reset


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "start", "reset"),
    [
        ("2026-01-15T07:59:59", "2026-01-14T08:00:00", "2026-01-15T08:00:00"),
        ("2026-01-15T08:00:00", "2026-01-15T08:00:00", "2026-01-16T08:00:00"),
        ("2026-07-15T06:59:59", "2026-07-14T07:00:00", "2026-07-15T07:00:00"),
        ("2026-07-15T07:00:00", "2026-07-15T07:00:00", "2026-07-16T07:00:00"),
        # Clocks go forward on 8 March 2026: that day has 23 hours. They go back on 1 November: 25 hours.
        ("2026-03-08T20:00:00", "2026-03-08T08:00:00", "2026-03-09T07:00:00"),
        ("2026-11-01T12:00:00", "2026-11-01T07:00:00", "2026-11-02T08:00:00"),
        ("2026-11-02T07:30:00", "2026-11-01T07:00:00", "2026-11-02T08:00:00"),
    ],
)
def test_a_quota_day_runs_from_midnight_to_midnight_pacific_time(now, start, reset) -> None:
    assert (day_start(at(now)), next_reset(at(now))) == (at(start), at(reset))


def test_days_follow_each_other_without_gap_as_the_time_zone_database_has_them() -> None:
    zoneinfo = pytest.importorskip("zoneinfo")
    try:
        pacific = zoneinfo.ZoneInfo("America/Los_Angeles")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("this system has no time zone database")
    moment = day_start(at("2024-01-01T12:00:00"))
    for _ in range(1200):
        local = moment.astimezone(pacific)
        assert (local.hour, local.minute) == (0, 0)
        assert day_start(moment - timedelta(seconds=1)) < moment == day_start(moment)
        moment = next_reset(moment)


def test_operations_without_a_price_take_one_unit() -> None:
    quota = Quota("unit", 10, {"search": 100})
    assert (quota.cost("search"), quota.cost("read"), quota.highest_cost()) == (100, 1, 100)
    assert Quota("unit", 10, {}).highest_cost() == 1
