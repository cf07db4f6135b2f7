from __future__ import annotations

from datetime import UTC, datetime

import pytest

from integrations.retry_after import retry_after_seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0"}, 1),
        ({"retry-after": "-5"}, 1),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "1000000000"}, 3600),
        ({"retry-after": "inf"}, 3600),
        ({"retry-after": "nan"}, 30),
        ({"retry-after": "soon"}, 30),
        ({}, 30),
        ({"x-ratelimit-reset": "42"}, 42),
        ({"retry-after": "5", "x-ratelimit-reset": "42"}, 5),
        ({"retry-after": "Wed, 01 Jan 2025 00:02:00 GMT"}, 120),
        ({"retry-after": "Tue, 31 Dec 2024 00:00:00 GMT"}, 1),
        ({"retry-after": "Wed, 01 Jan 2225 00:00:00 GMT"}, 3600),
        ({"retry-after": "Wed, 99 Foo 2025"}, 30),
    ],
)
def test_a_wait_is_read_in_seconds_or_as_a_date_and_never_absurd(headers, seconds) -> None:
    assert retry_after_seconds(headers, datetime(2025, 1, 1, tzinfo=UTC)) == seconds
