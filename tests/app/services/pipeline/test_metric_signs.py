"""Cues spare most texts a pattern, and never hide what it would find."""

from __future__ import annotations

import pytest

from app.services.pipeline.metric_signs import SIGNS, URGENT, examined
from integrations.sandbox.corpus import generate

EVERY_SIGN = {"urgent": URGENT, **SIGNS}
PRESSING = (
    "ASAP please",
    "This is urgent, I need it urgently.",
    "immediately",
    "I need it right now",
    "the deadline is near",
    *(f"it fails every {when}" for when in ("day", "time", "week", "night", "month", "single day", "single week")),
    "daily",
    "It constantly stops.",
    "again and again",
    *(f"for the {when} time" for when in ("second", "third", "4th", "23rd", "2nd", "19th")),
    *(f"I lost {what}" for what in ("all", "my notes", "everything", "data", "hours", "two hours")),
    "Data loss!",
    *(f"we {no} {do}" for no in ("can't", "cannot", "can\u2019t") for do in ("wait", "work", "use")),
    "badly needed",
    "desperate",
    "Desperately",
    "critical",
    "a blocker",
    "I am losing it",
    "it keeps failing and they keep saying",
    *(f"it always {what}" for what in ("fails", "fail", "breaks", "break")),
    *(f"that {what} {whom}" for what in ("cost", "costs") for whom in ("me", "us")),
    "two incidents",
    *(f"the whole {what}" for what in ("day", "evening", "weekend")),
    "for hours",
)


@pytest.mark.parametrize("said", PRESSING)
def test_what_presses_is_found(said: str) -> None:
    text = examined(said)
    assert URGENT.found(text, text.lower()) is not None


@pytest.mark.parametrize(
    "said",
    [
        "I would give 8 euros for that",
        "20 bucks, why not",
        "it is 15 USD",
        "5 EUR is fine",
        "they charge 4 quid",
        "What do you pay per user?",
        "the price is fine, a seat at a time, the cost a seat has is not",
        "9€",
    ],
)
def test_what_names_a_price_is_found(said: str) -> None:
    text = examined(said)
    assert SIGNS["priced"].found(text, text.lower()) is not None


@pytest.mark.parametrize("voice", ["a", "b"])
def test_no_cue_hides_what_a_pattern_finds(voice: str) -> None:
    found = dict.fromkeys(EVERY_SIGN, 0)
    for item in generate(seed=41, scale=0.2, voice=voice).items:
        text = examined(f"{item.title or ''}\n\n{item.text or ''}")
        lower = text.lower()
        for name, sign in EVERY_SIGN.items():
            there = sign.pattern.search(text)
            assert (sign.found(text, lower) is None) == (there is None), (name, text)
            found[name] += there is not None
    assert found["urgent"] > 20
