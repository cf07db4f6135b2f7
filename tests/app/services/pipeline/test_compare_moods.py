"""How the mood changed, against a plain computation over people."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pipeline.compare_moods import LEAST_PEOPLE, Sums, Z, shift

SPOKEN = st.lists(st.tuples(st.integers(0, 9), st.integers(-100, 100).map(lambda hundredths: hundredths / 100)))


def sums(before, after):
    people = defaultdict(lambda: [0, 0.0, 0, 0.0])
    for person, mood in after:
        people[person][0] += 1
        people[person][1] += mood
    for person, mood in before:
        people[person][2] += 1
        people[person][3] += mood
    rows = list(people.values())

    def total(one, other=None):
        return float(sum(row[one] * (1 if other is None else row[other]) for row in rows))

    return Sums(
        *(total(0), total(1), total(2), total(3)),
        *(total(1, 1), total(1, 0), total(0, 0)),
        *(total(3, 3), total(3, 2), total(2, 2)),
        *(total(1, 3), total(1, 2), total(0, 3), total(0, 2)),
        sum(row[0] > 0 for row in rows),
        sum(row[2] > 0 for row in rows),
    )


def plainly(before, after):
    """Return change and half its interval, person by person."""
    mean_b, mean_a = (sum(mood for _, mood in side) / len(side) for side in (before, after))
    pull = defaultdict(float)
    for person, mood in after:
        pull[person] += (mood - mean_a) / len(after)
    for person, mood in before:
        pull[person] -= (mood - mean_b) / len(before)
    return mean_a - mean_b, Z * math.sqrt(sum(each * each for each in pull.values()))


@given(SPOKEN.filter(bool), SPOKEN.filter(bool))
def test_the_sums_give_what_people_give_one_by_one(before, after):
    found, (change, half) = shift(sums(before, after)), plainly(before, after)
    assert found.change == pytest.approx(change, abs=6e-5)
    assert found.low == pytest.approx(max(-2, change - half), abs=6e-5)
    assert found.high == pytest.approx(min(2, change + half), abs=6e-5)


@given(SPOKEN)
def test_with_itself_nothing_changed(spoken):
    found = shift(sums(spoken, spoken))
    assert (found.change or 0) == 0
    assert not found.clear
    assert (found.low or 0, found.high or 0) == (0, 0)


@given(SPOKEN, SPOKEN)
def test_from_the_other_side_it_is_the_opposite(before, after):
    there, back = shift(sums(before, after)), shift(sums(after, before))
    assert there.clear == back.clear
    if there.change is not None:
        assert there.change == -back.change
        assert (there.low, there.high) == (-back.high, -back.low)


def test_the_same_people_make_it_surer_than_strangers():
    before = [(person, person / 20) for person in range(20)]
    same = [(person, person / 20 + 0.1) for person in range(20)]
    strangers = [(person + 100, mood) for person, mood in same]
    assert shift(sums(before, same)).clear
    assert not shift(sums(before, strangers)).clear


def test_a_few_people_are_never_clear_and_a_trifle_neither():
    def everybody(count, mood):
        return [(person, mood) for person in range(count)]

    assert shift(sums(everybody(LEAST_PEOPLE, 0.0), everybody(LEAST_PEOPLE, 0.5))).clear
    assert not shift(sums(everybody(LEAST_PEOPLE - 1, 0.0), everybody(LEAST_PEOPLE - 1, 0.5))).clear
    assert not shift(sums(everybody(50, 0.0), everybody(50, 0.01))).clear


def test_without_scored_items_there_is_no_change_to_speak_of():
    found = shift(sums([], [(1, 0.4)]))
    assert (found.before, found.after, found.change, found.clear) == (None, 0.4, None, False)
