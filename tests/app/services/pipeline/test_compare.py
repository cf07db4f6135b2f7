"""Matching is the same from either side, and finds of a result itself. Plain values only."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.services.pipeline.compare import LEAST, Known, Pair, Part, keep_names, likeness, match, words_of
from app.services.pipeline.records import TopicFound

WORDS = ("sync", "backup", "phone", "battery", "price", "offline", "share", "login")
ITEMS = st.frozensets(st.integers(0, 25), max_size=12)
RESULTS = st.lists(st.tuples(ITEMS, st.frozensets(st.sampled_from(WORDS), max_size=4)), max_size=6)


def parts(result, other):
    held = frozenset(item for items, _ in other for item in items)
    return [Part(number, len(items & held), words) for number, (items, words) in enumerate(result)]


def shared(left, right):
    return {
        (one, other): len(items & others)
        for one, (items, _) in enumerate(left)
        for other, (others, _) in enumerate(right)
        if items & others
    }


def paired(left, right):
    return match(parts(left, right), parts(right, left), shared(left, right))


@given(RESULTS, RESULTS)
def test_the_pairs_are_the_same_from_either_side(left, right):
    there = {(pair.left, pair.right, pair.shared, pair.likeness) for pair in paired(left, right)}
    back = {(pair.right, pair.left, pair.shared, pair.likeness) for pair in paired(right, left)}
    assert there == back


@given(RESULTS, RESULTS)
def test_each_part_is_in_one_pair_at_most_and_no_pair_is_unlike(left, right):
    pairs = paired(left, right)
    assert len({pair.left for pair in pairs}) == len({pair.right for pair in pairs}) == len(pairs)
    assert all(LEAST <= pair.likeness <= 1 for pair in pairs)


@given(RESULTS)
def test_compared_with_itself_every_part_of_its_own_is_itself(result):
    apart: list[tuple[frozenset[int], frozenset[str]]] = []
    for items, words in result:  # topics share no item
        own = items - frozenset(item for others, _ in apart for item in others)
        if own and words:
            apart.append((own, words))
    assert [(pair.left, pair.right) for pair in paired(apart, apart)] == [(at, at) for at in range(len(apart))]


def test_without_common_items_words_decide():
    left, right = Part(0, 0, frozenset({"sync", "phone"})), Part(5, 0, frozenset({"sync", "phone", "price"}))
    assert likeness(left, right, 0) == 2 / 3
    assert match([left], [right], {}) == [Pair(0, 5, 0, 2 / 3)]
    assert match([left], [Part(5, 0, frozenset({"login"}))], {}) == []


def test_many_common_items_outweigh_other_words():
    left, right = Part(0, 40, frozenset({"sync"})), Part(1, 44, frozenset({"battery"}))
    assert likeness(left, right, 38) > 0.8


def test_words_leave_out_what_says_nothing():
    assert words_of(["A way to share the Backup", "and of it"]) == {"share", "backup"}


def topic(number, name, ids):
    return TopicFound(number, name, (name,), tuple(ids), None)


def known(number, name, ids):
    return Known(number, name, (name,), frozenset(f"k{each}" for each in ids))


def test_topics_keep_their_number_and_name_whatever_their_size():
    keys = {f"i{at}": f"k{at}" for at in range(40)}
    before = [known(0, "sync", range(12)), known(1, "phones", range(12, 22))]
    found = [
        topic(0, "phones and batteries", [f"i{at}" for at in range(12, 30)]),
        topic(1, "sync", [f"i{at}" for at in range(11)]),
        topic(2, "prices", [f"i{at}" for at in range(30, 40)]),
    ]
    named = keep_names(found, before, keys, frozenset(f"k{at}" for at in range(22)))
    assert [(each.number, each.name) for each in named] == [(1, "phones"), (0, "sync"), (2, "prices")]


def test_a_new_topic_takes_no_number_and_no_name_of_before():
    keys = {f"i{at}": f"k{at}" for at in range(30)}
    before = [known(4, "sync", range(10)), known(7, "gone", range(90, 99))]
    found = [topic(0, "sync", [f"i{at}" for at in range(10, 22)]), topic(1, "other", [f"i{at}" for at in range(10)])]
    named = keep_names(found, before, keys, frozenset(f"k{at}" for at in range(10)))
    assert [(each.number, each.name) for each in named] == [(8, "sync (new)"), (4, "sync")]


def test_without_a_run_before_nothing_is_renamed():
    found = [topic(0, "sync", ["i1"])]
    assert keep_names(found, [], {}, frozenset()) == found


@given(RESULTS)
def test_the_same_topics_again_are_named_as_before(result):
    apart: list[frozenset[int]] = []
    for items, _ in result:
        own = items - frozenset(item for others in apart for item in others)
        if own:
            apart.append(own)
    keys = {f"i{at}": f"k{at}" for at in range(26)}
    found = [topic(at, f"name {WORDS[at]}", [f"i{item}" for item in sorted(own)]) for at, own in enumerate(apart)]
    before = [known(at, f"name {WORDS[at]}", own) for at, own in enumerate(apart)]
    assert keep_names(found, before, keys, frozenset(keys.values())) == found


def test_what_both_call_the_same_and_share_an_item_of_is_the_same_however_it_grew():
    left, right = Part(0, 40, frozenset({"upload", "photos"})), Part(0, 290, frozenset({"upload", "photos"}))
    assert likeness(left, right, 1) == LEAST
    assert likeness(left, right, 0) < LEAST
    assert likeness(left, Part(0, 290, frozenset({"upload"})), 1) < LEAST
