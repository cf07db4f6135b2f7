"""How often is asked while the bus is down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.topic import polling_delay


@given(misses=st.integers(0, 10_000), busy=st.booleans())
def test_the_polling_delay_grows_from_its_base_to_thirty_seconds(misses, busy):
    delay = polling_delay(misses, busy)
    assert (2 if busy else 5) <= delay <= 30
    assert delay <= polling_delay(misses + 1, busy) <= delay * 1.5 + 1e-9


def test_the_polling_delays_are_those_of_the_schedule():
    assert [polling_delay(misses, busy=True) for misses in range(8)] == pytest.approx(
        [2, 3, 4.5, 6.75, 10.125, 15.1875, 22.78125, 30]
    )
    assert [polling_delay(misses, busy=False) for misses in range(6)] == pytest.approx(
        [5, 7.5, 11.25, 16.875, 25.3125, 30]
    )
