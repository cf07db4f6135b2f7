"""Reasons for doubt are named only when two people say so, and are shown in their own words."""

from dataclasses import replace

import pytest

from app.services.pipeline.anti_patterns import NAMES, find, shown
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.records import Verification
from app.services.pipeline.synthesise import synthesise
from tests.app.services.pipeline.samples import record
from tests.app.services.pipeline.test_synthesise import talk

SAID = {
    "free_alternative": "There is an open source alternative that does all of this.",
    "enterprise_only": "Honestly only enterprises need letter tags at that size.",
    "one_time_need": "I only needed it once, when I moved house.",
    "too_technical": "This is too technical for my parents.",
    "regulation_heavy": "You would have to meet GDPR before anyone signs.",
    "saturated": "There are dozens of apps for exactly this.",
}


@pytest.mark.parametrize(("name", "text"), SAID.items())
def test_a_reason_is_recognised(name, text):
    assert shown(text) == {name}


@pytest.mark.parametrize(
    "text",
    [
        "I wish there was a free way to tag letters.",
        "Feel free to ask, I have free time once a week.",
        "It backs up once per day, which is enough for a small company.",
        "The technical details are in the manual.",
        "We sell tools, and the app is already open.",
        "> There are dozens of apps for exactly this.\n\nWhich ones do you mean?",
    ],
)
def test_innocent_words_and_quoted_ones_are_no_reason(text):
    assert shown(text) == frozenset()


def test_all_of_them_are_there():
    assert set(NAMES) == set(SAID)


@pytest.mark.parametrize(("name", "text"), SAID.items())
def test_one_person_is_not_enough_and_two_are(name, text):
    items = [record(at, f"Hello. {text} Bye then.") for at in range(3)]
    assert find([replace(item, author="ann") for item in items]) == ()
    (found,) = find(items)
    assert (found.name, found.items, len(found.quotes)) == (name, 3, 3)


def test_every_quote_is_an_exact_span_around_the_words():
    items, topics = talk()
    doubts = [record(100 + at, f"Well. {SAID['saturated']}", topic=0, sentiment=0.0) for at in range(2)]
    topic = replace(topics[0], item_ids=(*topics[0].item_ids, *(item.id for item in doubts)))
    (found,) = synthesise(LocalEngine(), [topic], [*items, *doubts])
    (pattern,) = found.anti_patterns
    assert pattern.name == "saturated"
    by_id = {item.id: item for item in doubts}
    for quote in pattern.quotes:
        assert by_id[quote.item_id].text[quote.start : quote.end] == quote.text
        assert "dozens of apps" in quote.text
        assert quote.verification is Verification.VERIFIED


def test_doubts_change_no_score():
    items, topics = talk()
    (before,) = synthesise(LocalEngine(), topics, items)
    doubted = [replace(item, text=f"{item.text} {SAID['enterprise_only']}") for item in items]
    (after,) = synthesise(LocalEngine(), topics, doubted)
    assert after.anti_patterns
    assert after.score == before.score
