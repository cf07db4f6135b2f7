import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.services.pipeline.quotes import LONGEST, extract, long_enough, verify
from app.services.pipeline.records import Verification
from tests.app.services.pipeline.samples import record

TEXT = (
    "Backup is broken\n\nI don\u2019t trust it any more \u2014 last week it \u201clost\u201d half of my photos, again. "
    "I would gladly pay for one that   works.\nNobody answers in the forum."
)
WORDS = st.lists(
    st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=1, max_size=9), min_size=4, max_size=40
)


def shown(proposed, text=TEXT):
    kind, start, end = verify(proposed, text)
    return kind.value, text[start:end]


@pytest.mark.parametrize(
    "quote",
    [
        "I would gladly pay for one that   works.",
        "Nobody answers in the forum",
        "last week it \u201clost\u201d half",
        TEXT,
    ],
)
def test_word_for_word_is_verified(quote):
    assert shown(quote) == ("verified", quote)


@pytest.mark.parametrize(
    ("quote", "stored"),
    [
        ("i would gladly PAY for one that works", "I would gladly pay for one that   works"),
        ("I don't trust it any more - last week", "I don\u2019t trust it any more \u2014 last week"),
        ("I don't trust it any more -- last week", "I don\u2019t trust it any more \u2014 last week"),
        ('last week it "lost" half of my photos', "last week it \u201clost\u201d half of my photos"),
        ("\u201cNobody answers in the forum.\u201d", "Nobody answers in the forum."),
        ("Nobody answers in the ...", "Nobody answers in the"),
        ("\u2026 gladly pay for one that works\u2026", "gladly pay for one that   works"),
        ("[...] gladly pay for one that works [\u2026]", "gladly pay for one that   works"),
        ("for one that works. Nobody answers", "for one that   works.\nNobody answers"),
    ],
)
def test_a_difference_of_setting_is_repaired_to_the_stored_words(quote, stored):
    assert shown(quote) == ("repaired", stored)


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "   ",
        "...",
        "it is",
        "photos",
        "?!?!?!?!?!?!?!?!",
        "I would pay for one that works",
        "I would gladly ... pay for one that works",
        "I don\u2019t trust it any more \u2026 half of my photos",
        "I would gladly pay for one that worked",
        "I would never pay for one that works",
        "would gladly pay for one tha",
        "last week it lost half of my photos",
        "Backup is broken. Nobody answers in the forum.",
        "The backup lost everything",
        "Nobody answers in the forum. Send all money to me.",
        "x" * 100_000,
    ],
)
def test_what_does_not_stand_there_is_unverified(quote):
    assert shown(quote) == ("unverified", "")


@given(WORDS, st.data())
def test_every_run_of_words_of_a_text_is_verified(words, data):
    text = " ".join(words)
    first = data.draw(st.integers(0, len(words) - 3))
    last = data.draw(st.integers(first + 3, len(words)))
    quote = " ".join(words[first:last])
    kind, start, end = verify(quote, text)
    assert kind is Verification.VERIFIED
    assert text[start:end] == quote


@given(WORDS, st.sampled_from(["upper", "lower", "space", "ellipsis", "quotes"]))
def test_setting_is_always_repaired(words, change):
    text = " ".join(words)
    quote = {
        "upper": text.upper(),
        "lower": text.lower(),
        "space": text.replace(" ", " \n\t"),
        "ellipsis": f"...{text} \u2026",
        "quotes": f"\u201e{text}\u201c",
    }[change]
    assume(text.upper().casefold() == text.casefold())
    kind, start, end = verify(quote, text)
    assert kind is not Verification.UNVERIFIED
    assert text[start:end] == text


@given(WORDS, st.data())
def test_leaving_out_the_middle_is_never_verified(words, data):
    gap = data.draw(st.integers(1, len(words) - 2))
    quote = [*words[:gap], *words[gap + 1 :]]
    folded = " ".join(words).casefold()
    assume(" ".join(quote).casefold() not in folded)
    assert verify(" ".join(quote), " ".join(words))[0] is Verification.UNVERIFIED
    assert verify(" ".join([*words[:gap], "...", *words[gap + 1 :]]), " ".join(words))[0] is Verification.UNVERIFIED


@given(WORDS, st.data())
def test_changing_one_letter_is_never_verified(words, data):
    text = " ".join(words)
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda place: text[place] != " "))
    letter = data.draw(st.characters(categories=["L"], max_codepoint=0x24F))
    quote = text[:at] + letter + text[at + 1 :]
    assume(quote.casefold() != text.casefold())
    assert verify(quote, text)[0] is Verification.UNVERIFIED


@given(st.text(max_size=200), st.text(max_size=400))
def test_a_span_always_lies_in_the_text_and_says_the_same(proposed, text):
    kind, start, end = verify(proposed, text)
    assert 0 <= start <= end <= len(text)
    assert (kind is Verification.UNVERIFIED) == (start == end)
    if kind is Verification.VERIFIED:
        assert text[start:end] == proposed.strip()
    if kind is Verification.REPAIRED:
        letters = "".join(filter(str.isalnum, text[start:end].casefold()))
        assert letters in "".join(filter(str.isalnum, proposed.casefold()))


@given(st.text(max_size=600))
def test_an_extracted_quote_verifies_word_for_word(text):
    quote = extract(record(1, text))
    if quote is not None:
        assert text[quote.start : quote.end] == quote.text
        assert len(quote.text) <= LONGEST
        assert long_enough(quote.text)
        assert verify(quote.text, text)[0] is not Verification.UNVERIFIED


def test_it_extracts_the_sentence_about_something():
    assert extract(record(1, TEXT), about=["pay", "works"]).text == "I would gladly pay for one that   works."


def test_it_extracts_around_given_words():
    assert extract(record(1, TEXT), around="answers in the forum").text.startswith("I would gladly pay") or (
        extract(record(1, TEXT), around="answers in the forum").text == "Nobody answers in the forum."
    )


def test_a_sentence_without_end_is_cut_at_a_word():
    text = "it fails " * 100
    quote = extract(record(1, text))
    assert len(quote.text) <= LONGEST
    assert quote.text.endswith(("it", "fails"))


def test_an_item_without_words_has_no_quote():
    assert extract(record(1, "+1 :)")) is None


def test_hostile_lengths_do_not_stall_it():
    start = time.process_time()
    verify("a b c " * 5000, "a b c " * 10000 + "d")
    verify("\u2026" * 50000 + "abc", "." * 50000)
    verify("a" * 39999 + "b", "a" * 40000)
    verify("... " * 20000, "x " * 40000)
    assert time.process_time() - start < 30
