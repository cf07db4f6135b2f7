"""The parts of a change of score add up, whatever changed. Plain values only."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.pipeline.compare_scores import Between, Cause, Side, Voice, interval, number, parts, shows_of
from app.services.pipeline.opportunity_metrics import COLUMNS, assess, columns_of
from app.services.pipeline.records import Record
from app.services.pipeline.writers import writer

BIT = st.sampled_from([0.0, 1.0])
SUMS = st.tuples(st.just(1.0), *[BIT] * (len(COLUMNS) - 1))
KEYS = st.lists(st.integers(0, 30), min_size=1, max_size=14, unique=True)


@st.composite
def voice(draw, key):
    sums = draw(SUMS)
    return Voice(f"k{key}", sums, shows_of(sums), f"p{draw(st.integers(0, 9))}", f"t{key % 5}", f"c{key % 3}")


@st.composite
def change(draw):
    old = [draw(voice(key)) for key in draw(KEYS)]
    new = [draw(voice(key)) for key in draw(KEYS)]
    total, grown = draw(st.integers(40, 400)), draw(st.integers(-9, 30))
    before = Side(number(old, total), old, total)
    after = Side(number(new, total + grown), new, total + grown)
    olds, news = {each.key for each in old}, {each.key: each for each in new}
    only = draw(st.sets(st.sampled_from(sorted(olds ^ news.keys())))) if olds ^ news.keys() else set()
    settings_ = {key for key in only if draw(st.booleans())}
    now = {each.key: news.get(each.key, each) for each in old if each.key not in only}
    edited = frozenset(key for key in now if draw(st.booleans()))
    between = Between(now, edited, frozenset(settings_), frozenset(only - settings_), 0, grown)
    return before, after, between


@given(change())
@settings(max_examples=60)
def test_the_parts_add_up_to_the_change(found):
    before, after, between = found
    steps = parts(before, after, between, same_rules=True)
    assert [step.cause for step in steps] == list(Cause)
    assert sum(step.points for step in steps) == after.score - before.score
    came, went = sum(step.came for step in steps), sum(step.went for step in steps)
    assert len(before.voices) + came - went == len(after.voices)


@given(change())
@settings(max_examples=30)
def test_compared_with_itself_no_cause_did_anything(found):
    side = found[0]
    between = Between({each.key: each for each in side.voices}, frozenset(), frozenset(), frozenset(), 0, 0)
    assert not any(step.points or step.came or step.went for step in parts(side, side, between, same_rules=True))
    assert interval(side, side) == (0, 0)


@given(change())
@settings(max_examples=30)
def test_the_interval_holds_the_change_and_turns_round(found):
    before, after, _ = found
    low, high = interval(before, after)
    assert low <= after.score - before.score <= high
    back = interval(after, before)
    assert back == pytest.approx((-high, -low), abs=1)


def test_scores_that_the_items_do_not_give_are_not_taken_apart():
    sums = (1.0,) * len(COLUMNS)
    voices = [Voice(f"k{at}", sums, shows_of(sums), f"p{at}", "t", "c") for at in range(3)]
    score = number(voices, 50)
    between = Between({each.key: each for each in voices}, frozenset(), frozenset(), frozenset(), 0, 0)
    right, wrong = Side(score, voices, 50), Side(score - 5, voices, 50)
    assert parts(right, wrong, between, same_rules=True) is None
    assert parts(wrong, right, between, same_rules=True) is None
    by_rules = parts(wrong, right, between, same_rules=False)
    assert [(step.cause, step.points) for step in by_rules if step.points] == [(Cause.RULES, 5)]


@pytest.mark.parametrize("named", [0, 1, 5])
def test_the_score_of_items_without_authors_is_the_one_that_they_were_given(named):
    records = [
        Record(
            f"i{at}", "I wish it could sync offline, I would pay 5 for it.", f"p{at}" if at < named else None,
            f"t{at % 3}", "c", datetime(2026, 10, 1 + at, tzinfo=UTC), "https://example.org", 1, False, sentiment=-0.4,
        )
        for at in range(8)
    ]  # fmt: skip
    intents = {record.id: ("request", "willingness_to_pay") for record in records}
    given_ = assess(records, intents, total=50, against=0)
    rows = [columns_of(record, intents[record.id]) for record in records]
    voices = [
        Voice(record.id, row, shows_of(row), writer(record), record.thread, record.community)
        for record, row in zip(records, rows, strict=True)
    ]
    assert number(voices, 50) == given_.score
    assert ("market_size" in given_.metrics) == (named >= 2)


def test_no_change_is_said_to_go_further_than_a_score_can():
    sums = (1.0,) * len(COLUMNS)
    few = [[Voice(f"{side}{at}", sums, shows_of(sums), f"{side}{at}", "t", "c") for at in range(2)] for side in "ab"]
    before, after = Side(90, few[0], 50), Side(10, few[1], 50)
    assert interval(before, after)[0] == -99
