"""An interval is wide where few spoke, however alike they are."""

import random

import pytest

from app.services.pipeline.few_people import half_width, half_width_of_change, widened
from app.services.pipeline.opportunity_metrics import assess
from tests.app.services.pipeline.samples import record


@pytest.mark.parametrize(("people", "half"), [(1, 47.5), (4, 23.7), (25, 9.5), (400, 2.4)])
def test_the_half_width_is_that_of_the_docs(people, half):
    assert half_width(people) == pytest.approx(half, abs=0.05)


def test_a_few_alike_people_are_not_sure():
    alike = [record(at, "It keeps crashing", sentiment=-0.5) for at in range(4)]
    numbers = assess(alike, {}, total=10, against=0)
    low, high = numbers.interval
    assert low <= numbers.score - 23
    assert high == min(100, high)
    assert high >= min(100, numbers.score + 23)


def test_a_loud_person_is_one_person():
    loud = [record(at, "It keeps crashing", sentiment=-0.5, author="ann") for at in range(60)]
    many = [record(at, "It keeps crashing", sentiment=-0.5) for at in range(60)]
    widths = [high - low for low, high in (assess(one, {}, total=100, against=0).interval for one in (loud, many))]
    assert widths[0] > 2 * widths[1]


def test_the_same_people_make_no_width_and_strangers_the_most():
    assert half_width_of_change(49, 49, 49) == 0
    assert widened(7, 7, 7, half_width_of_change(3, 3, 3)) == (7, 7)
    assert half_width_of_change(9, 9, 0) > half_width_of_change(9, 9, 5) > half_width_of_change(9, 9, 8)
    assert half_width_of_change(0, 5, 0) == half_width(1)


@pytest.mark.parametrize("size", [3, 6, 12, 30])
def test_the_interval_of_few_holds_the_score_of_all(size):
    chance = random.Random(size)
    moods = [chance.choice((-0.9, -0.4, 0.0, 0.5)) for _ in range(300)]
    texts = [chance.choice(("It keeps crashing", "Please add tags", "I would pay $5 for tags")) for _ in range(300)]
    everybody = [record(at, texts[at], sentiment=moods[at], thread=f"t{at % 90}") for at in range(300)]
    score = assess(everybody, {}, total=6000, against=0).score
    held = 0
    for draw in range(100):
        few = chance.sample(everybody, size)
        low, high = assess(few, {}, total=20 * size, against=0, seed=draw).interval
        held += low <= score <= high
    assert held >= 90
