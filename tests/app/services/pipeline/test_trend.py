"""A topic's change over time, with how sure it is."""

from __future__ import annotations

import random

import pytest

from app.services.pipeline.trend import trend


def test_a_share_that_grows_rises_and_one_that_shrinks_falls():
    growing = trend([5, 8, 12, 20, 28, 40], [200] * 6)
    assert growing.direction == "rising"
    assert growing.ratio is not None
    assert growing.interval is not None
    assert 1 < growing.interval[0] < growing.ratio < growing.interval[1]
    assert trend([40, 28, 20, 12, 8, 5], [200] * 6).direction == "falling"


def test_a_count_that_grows_with_all_the_others_does_not_rise():
    assert trend([5, 10, 20, 40], [50, 100, 200, 400]).direction == "unclear"


@pytest.mark.parametrize(
    ("found", "of"),
    [([], []), ([9], [20]), ([4, 5], [20, 30]), ([1, 2, 3], [30, 30, 30]), ([0, 20, 0], [0, 20, 0]), ([9, 9], [9, 9])],
)
def test_too_little_has_no_direction_and_no_numbers(found: list[int], of: list[int]):
    assert trend(found, of).ratio is None
    assert trend(found, of).direction == "unclear"


def test_one_loud_thread_is_no_trend():
    assert trend([20, 20, 20, 20, 20, 20, 20, 60], [200] * 8).direction == "unclear"


def test_chance_alone_is_called_a_trend_about_as_rarely_as_promised():
    rng = random.Random(5)
    called = 0
    for _ in range(400):
        of = [rng.randrange(60, 240) for _ in range(8)]
        found = [sum(rng.random() < 0.1 for _ in range(every)) for every in of]
        called += trend(found, of).direction != "unclear"
    assert called <= 0.08 * 400
