"""One pass by first words finds what a search of every alternation finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pipeline import intent_phrases, spam_phrases
from app.services.pipeline.wordings import Wordings

KINDS = {
    name.lower(): getattr(spam_phrases, name)
    for name in ("FOLLOW", "OWN_WORK", "EASY_MONEY", "CRYPTO", "CONTACT", "ADVERTISEMENT", "CALL")
} | {
    "complaint": intent_phrases.COMPLAINT,
    "comparison": intent_phrases.COMPARISON,
    "pay": intent_phrases.PAY,
    "ask": intent_phrases.REQUEST,
}
ALL = Wordings(KINDS)
PIECES = (
    "i", "we", "would", "'d", "pay", "for", "this", "it", "keeps", "crashing", "+1", "on", "subscribe", "to", "my",
    "channel", "10x", "guaranteed", "50% off", "free", "airdrop !!", "airdrop", "or", "hedgehogs?", "third", "time",
    "that", "rip", "off", "wish", "there", "was", "an", "option", "?", ".", "\n", "check", "out", "should", "faster",
    "than", "contact", "him", "at", "@someone", "disappointing", "what's", "missing", "d\u00e9j\u00e0", "\u0663x",
)  # fmt: skip


def searched(text: str, most: int) -> dict[str, list[tuple[int, int]]]:
    """Search each alternation through the whole text."""
    found = {}
    for name, patterns in KINDS.items():
        pattern = re.compile(r"(?<!\w)(?:" + "|".join(patterns) + r")(?!\w)")
        spans = [match.span() for match in pattern.finditer(text)][:most]
        if spans:
            found[name] = spans
    return found


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.sampled_from((" ", "", "-")), st.integers(1, 3))
def test_the_finds_are_those_of_a_search_for_each(pieces: list[str], between: str, most: int):
    text = between.join(pieces)
    assert ALL.find(text, most) == searched(text, most)


@pytest.mark.parametrize(
    ("pattern", "text", "place"),
    [
        (r"rip ?off", "a ripoff", (2, 8)),
        (r"(?:un|ir)acceptable", "so iracceptable", (3, 15)),
        (r"disappoint\w*", "disappointing", (0, 13)),
        (r"\w+ or \w+\?", "mail, tea or milk?", (6, 18)),
        (r"\+1 (?:for|on)", "oh +1 for that", (3, 9)),
        (r"\d{2,}x (?:easy|soon)", "now 20x soon", (4, 12)),
        (r"(?:it )?works", "and works", (4, 9)),
        (r"(?:what|who)(?:'s| is) missing", "look what's missing", (5, 19)),
    ],
)
def test_a_wording_is_found_by_each_way_to_begin(pattern: str, text: str, place: tuple[int, int]):
    assert Wordings({"one": [pattern]}).find(text) == {"one": [place]}


def test_the_earlier_of_two_wordings_at_one_place_wins():
    assert Wordings({"one": ["so", "so far"]}).find("so far") == {"one": [(0, 2)]}
    assert Wordings({"one": ["so far", "so"]}).find("so far") == {"one": [(0, 6)]}


def test_a_pattern_that_stands_first_needs_no_word_bounds():
    wordings = Wordings({"one": ["other"]}, instead={"one": r"[.!]\s*sub\b"})
    assert wordings.find("nice!sub now") == {"one": [(4, 8)]}
    assert wordings.find("no sub, other") == {"one": [(8, 13)]}
