"""The set found flips the verdict, and for few items none is smaller."""

import time
from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.pipeline import mind_changers
from app.services.pipeline.bias import bias
from app.services.pipeline.mind_changers import MOST, verdict, what_would_change
from app.services.pipeline.opportunity_metrics import assess
from tests.app.services.pipeline.samples import START, record

SAYS = [
    "I need it urgently, lost three hours, I would pay $5",
    "Please add an export",
    "Pure vendor lock-in, I can't export",
    "I tried Alpha, Beta and Gamma",
]


def judged(records, intents, total):
    if not records:
        return verdict(1, 0)
    numbers = assess(records, intents, total=total, against=0)
    return verdict(numbers.score, numbers.authors)


def items(count, *, says=(0,), authors=100, places=1, sentiment=-0.8, unnamed=0):
    """Make items; of every three the first `unnamed` have no author."""
    return [
        record(
            at,
            SAYS[says[at % len(says)]],
            author=None if at % 3 < unnamed else f"a{at % authors}",
            community=f"r/{at % places}",
            sentiment=sentiment,
        )
        for at in range(count)
    ]


def paying(records):
    return {each.id: ("willingness_to_pay",) for each in records}


def test_a_loud_yes_by_six_people_hangs_on_two_of_them():
    records = items(6)
    found = what_would_change(records, paying(records), total=60)
    assert found.worth_a_look
    assert found.exact
    assert len(found.item_ids) == 2  # four people are left
    assert found.sentence == "Worth a look. It would drop below the bar only without 2 of its 6 items."


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 7),
    st.lists(st.integers(0, 3), min_size=1, max_size=4),
    st.integers(1, 8),
    st.integers(1, 3),
    st.sampled_from([10, 40, 1000]),
    st.booleans(),
    st.integers(0, 3),
)
def test_for_few_items_it_is_the_smallest_by_the_real_score(count, says, authors, places, total, pay, unnamed):
    records = items(count, says=says, authors=authors, places=places, unnamed=unnamed)
    intents = paying(records) if pay else {}
    found = what_would_change(records, intents, total=total)
    now = judged(records, intents, total)
    assert found.worth_a_look is now

    def flips(gone):
        rest = [each for each in records if each.id not in gone]
        return judged(rest, intents, total - len(gone)) is not now

    sizes = [
        size
        for size in range(1, count + 1)
        for gone in combinations([each.id for each in records], size)
        if flips(gone)
    ]
    assert len(found.item_ids) == (min(sizes) if sizes else 0)
    assert not found.item_ids or flips(found.item_ids)


@pytest.mark.parametrize(("count", "says", "authors"), [(40, (0, 1), 30), (60, (0, 1, 2, 3), 9), (20, (0,), 6)])
def test_for_many_items_what_was_found_flips_the_real_verdict(count, says, authors):
    records = items(count, says=says, authors=authors, places=3)
    intents = paying(records[::2])
    found = what_would_change(records, intents, total=400)
    now = judged(records, intents, 400)
    assert found.worth_a_look is now
    assert found.item_ids
    rest = [each for each in records if each.id not in found.item_ids]
    assert judged(rest, intents, 400 - len(found.item_ids)) is not now


def test_what_hundreds_say_hangs_on_no_handful_and_is_found_quickly():
    records = items(1000, says=(0,), authors=900, places=4)
    begun = time.process_time()
    found = what_would_change(records, paying(records), total=5000)
    assert time.process_time() - begun < 20
    assert (found.worth_a_look, found.item_ids) == (True, ())
    assert found.sentence == (
        f"Worth a look, and firm: leaving out up to {MOST} of its 1,000 items, as far as we tried, would not change it."
    )


def test_the_bias_note_names_place_thread_person_and_time():
    records = [
        record(at, "x", community="r/a" if at < 6 else "r/b", thread=f"t{at // 4}", author=f"p{at // 2}")
        for at in range(8)
    ]
    late = record(9, "x", community="r/b", thread="t9", author="p9", posted_at=START + timedelta(days=10, hours=1))
    found = bias([*records, late])
    assert found.sentence == (
        "67 % of its items come from r/a, 44 % from one thread, 22 % from one person, and half were written within "
        "a day of the 11 they span."
    )
    assert bias(records[:1]).of_author == 1


def test_nobody_is_made_up_where_items_name_nobody():
    nobody = [record(at, "x", author=None) for at in range(4)]
    found = bias(nobody)
    assert found.of_author == 0
    assert "person" not in found.sentence
    assert found.sentence.endswith(" Who wrote them is not known.")
    mixed = bias([*nobody, record(8, "x", author="p"), record(9, "x", author="p")])
    assert mixed.of_author == pytest.approx(1 / 3)
    assert mixed.sentence.endswith(" Who wrote 4 of them is not known.")


@pytest.mark.parametrize(
    ("count", "of", "now", "exact", "said"),
    [
        (21, 51, True, False, "Worth a look. It would drop below the bar without 21 of its 51 items, perhaps already"),
        (1, 20, False, True, "Below the bar. It would rise above the bar only without 1 of its 20 items."),
        (0, 8, False, True, "Below the bar, and firm: leaving out any of its 8 items would not change it."),
        (0, 51, False, False, "Below the bar, and firm: leaving out any number of its 51 items, as far as we tried,"),
    ],
)
def test_the_sentence_claims_no_more_than_was_tried(count, of, now, exact, said):
    assert mind_changers._sentence(count, of, now=now, exact=exact).startswith(said)
