import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.pipeline.intents import INTENTS, intents
from app.services.pipeline.prose import own_words, sentences
from app.services.pipeline.records import Sentiment
from app.services.pipeline.score import score
from tests.app.services.pipeline.samples import record

LABELLED = Path(__file__).parents[5] / "shared" / "data" / "labelled" / "sentiment_dev.jsonl"


def one(text, **changes):
    (found,) = score([record(1, text, **changes)])
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I love this app, it is great", Sentiment.POSITIVE),
        ("This is terrible, I hate it", Sentiment.NEGATIVE),
        ("The meeting is on Tuesday", Sentiment.NEUTRAL),
    ],
)
def test_english_is_scored(text, expected):
    found = one(text)
    assert found.label is expected
    assert -1 <= found.sentiment <= 1


@pytest.mark.parametrize("language", ["de", "fr", "und", None])
def test_a_language_that_the_lexicon_does_not_know_is_unscored_and_never_neutral(language):
    found = one("super", language=language)
    assert (found.sentiment, found.label, found.intents) == (None, None, ())


def test_a_removed_item_is_unscored():
    assert one("I love it", removed=True).label is None


def test_an_item_that_only_quotes_another_is_unscored():
    assert one("> this is terrible and I hate it\n\n```\nfail\n```").label is None


def test_quoted_lines_do_not_lend_their_mood():
    assert one("> this is terrible and I hate it\n\nI love it, works great").label is Sentiment.POSITIVE


def test_a_long_calm_text_does_not_run_to_the_end_of_the_scale():
    text = "The new version is nice. " + "It stores the file in the folder. " * 30 + "The window is ugly."
    assert abs(one(text).sentiment) < 0.5


def test_an_item_sounds_the_same_whatever_stands_beside_it():
    texts = ["I love it", "", "Terrible, it crashed again 😡", "The meeting is on Tuesday", "ok " * 500, "x"]
    together = score([record(number, text) for number, text in enumerate(texts)])
    backwards = score([record(number, text) for number, text in reversed(list(enumerate(texts)))])
    alone = [score([record(number, text)])[0] for number, text in enumerate(texts)]
    assert together == alone == backwards[::-1]


def test_the_spans_of_an_intent_are_its_words_in_the_stored_text():
    text = "> I wish I were quoted\n\nSee [docs](https://a.example/x). İ wish it had tags. Does it work? I WISH IT DID."
    found = one(text)
    said = [(span.intent, text[span.start : span.end]) for span in found.spans]
    assert ("question", "Does it work?") in said
    assert [words.lower() for intent, words in said if intent == "request"] == ["i wish it"]
    assert {span.intent for span in found.spans} == set(found.intents)


def test_no_more_than_three_spans_of_an_intent_are_kept():
    found = one("It keeps crashing. " * 20)
    assert sum(span.intent == "complaint" for span in found.spans) == 3


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_spans_lie_in_any_text(text):
    for span in one(text + " Is there a way? I wish it had tags").spans:
        assert 0 <= span.start < span.end <= len(text) + 40


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I wish there was a dark mode", "request"),
        ("Please add an export to CSV", "request"),
        ("It would be nice to have offline maps", "request"),
        ("Looking for a self-hosted photo app", "request"),
        ("The app keeps crashing when I open it", "complaint"),
        ("Sync doesn't work since the update", "complaint"),
        ("I'm fed up with this", "complaint"),
        ("How do I restore a backup?", "question"),
        ("does anyone know how to do it", "question"),
        ("Works great for me, no problems", "praise"),
        ("Is it better than the old one?", "comparison"),
        ("I'd happily pay $5 a month for that", "willingness_to_pay"),
        ("Take my money", "willingness_to_pay"),
        ("I switched to another app last week", "switching"),
        ("We are migrating away from it", "switching"),
        ("As a workaround I run a cron job every night", "workaround"),
        ("I ended up exporting everything by hand", "workaround"),
    ],
)
def test_what_an_item_wants_is_told_by_its_words(text, expected):
    assert expected in intents(text)


@pytest.mark.parametrize(
    ("text", "unexpected"),
    [
        ("I would never pay for this", "willingness_to_pay"),
        ("It isn't worth paying for, and I won't pay", "willingness_to_pay"),
        ("Great, it keeps crashing again", "praise"),
        ("The meeting is on Tuesday", "request"),
        ("Looking forward to the release", "request"),
    ],
)
def test_what_an_item_does_not_want(text, unexpected):
    assert unexpected not in intents(text)


def test_intents_come_in_one_order():
    found = intents("Is there an app that doesn't crash? I'd pay $5, switched to three already.")
    assert list(found) == sorted(found, key=INTENTS.index)
    assert len(found) >= 4


def test_sentences_keep_their_place():
    text = "First one. Second, e.g. this!\n\n- a bullet\n- another (really?) yes\n\n日本語。次"
    found = sentences(text)
    assert [part.text for part in found] == [
        "First one.",
        "Second, e.g. this!",
        "a bullet",
        "another (really?) yes",
        "日本語。",
        "次",
    ]
    assert all(text[part.start : part.end] == part.text for part in found)


def test_own_words_leave_out_code_quotes_and_links():
    text = (
        "> quoted\nSee [the docs](https://example.org) or https://example.org/x\n"
        "```\ncode\n```\n    indented\nand `inline` done"
    )
    assert own_words(text).split() == ["See", "the", "docs", "or", "and", "done"]


def test_a_hostile_text_does_not_stall_it():
    start = time.process_time()
    score(
        [
            record(1, "i wish " * 6000),
            record(2, "a " * 20000),
            record(3, "would really " * 3000),
            record(4, "!" * 40000),
        ]
    )
    score([record(5, "[" * 20000), record(6, "`" * 20001), record(7, "\n>" * 20000), record(8, "> " * 20000)])
    assert time.process_time() - start < 40


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_own_words_keep_their_place(text):
    found = own_words(text)
    assert len(found) == len(text)
    assert all(new in {old, " "} for new, old in zip(found, text, strict=True))


def test_on_labelled_posts_it_was_not_fitted_to_each_mood_is_found():
    if not LABELLED.exists():
        pytest.skip("labelled posts are not beside this checkout (../shared/data/labelled)")
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    found = score([record(number, row["text"]) for number, row in enumerate(rows)])
    recall = [
        sum(item.label == mood for item, row in zip(found, rows, strict=True) if row["label"] == mood)
        / sum(row["label"] == mood for row in rows)
        for mood in ("negative", "neutral", "positive")
    ]
    assert sum(recall) / 3 >= 0.70
