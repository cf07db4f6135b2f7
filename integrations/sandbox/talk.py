"""Honest talk: what people say about a topic, sentence by sentence, in the tone of the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from integrations.sandbox.items import Truth
from integrations.sandbox.phrases import Lexicon

_MEANINGS = {
    "complaint": ("complaint", "negative", "for"),
    "request": ("request", "neutral", "for"),
    "willingness_to_pay": ("willingness_to_pay", "neutral", "for"),
    "workaround": ("workaround", "neutral", "for"),
    "switching": ("switching", "negative", "for"),
    "praise": ("praise", "positive", None),
    "counter": (None, "neutral", "against"),
    "question": ("question", "neutral", None),
    "comparison": ("comparison", "neutral", None),
    "sarcasm": ("complaint", "negative", "for"),
    "reaction": (None, "neutral", None),
    "applause": ("praise", "positive", None),
}
"""Intent, sentiment and stance of each move."""
_BESIDE_THE_POINT = {"reaction", "applause"}
"""Said of another comment or of the video, not of the need."""
_GOES_WITH = {
    "complaint": ("request", "workaround", "switching", "complaint"),
    "request": ("willingness_to_pay", "complaint", "workaround"),
    "workaround": ("request", "complaint"),
    "switching": ("praise", "complaint"),
    "question": ("complaint", "request"),
    "willingness_to_pay": ("request",),
    "praise": ("praise",),
}
_SENTENCE_START = re.compile(r"(?:^|(?<=[.!?] ))[A-Z](?=[a-z ])")
_FRENCH_ELISION = re.compile(r"\b([Qq]u|[Dd])e (?=[aeiouéêh])")


@dataclass(frozen=True, slots=True)
class Tone:
    """How people talk in one kind of place: how often they make which move, and how much they add to it."""

    comments: tuple[str, ...]
    """Moves, each as often as it weighs."""
    second: float = 0.4
    """Chance of a second move in one comment."""
    detail: float = 0.35
    late_detail: float = 0.25
    closer: tuple[float, float] = (0.3, 0.7)
    """Chance of a last word after several sentences, and after one."""
    paragraphs_from: int = 4
    """Sentences from which on they stand apart."""
    casual: float = 0.0
    """Chance of no capitals at the start, and half of it of one more face at the end."""


def _weighed(weights: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(move for move, weight in weights.items() for _ in range(weight))


_POSTS = _weighed({
    "complaint": 24, "request": 22, "willingness_to_pay": 4, "workaround": 6, "switching": 6, "praise": 8,
    "question": 22, "comparison": 8,
})  # fmt: skip
REDDIT = Tone(_weighed({
    "complaint": 20, "request": 13, "willingness_to_pay": 6, "workaround": 10, "switching": 6, "praise": 11,
    "counter": 8, "question": 9, "comparison": 5, "sarcasm": 4, "reaction": 8,
}))  # fmt: skip
YOUTUBE = Tone(
    _weighed({
        "complaint": 16, "request": 10, "willingness_to_pay": 4, "workaround": 6, "switching": 4, "praise": 10,
        "counter": 6, "question": 11, "comparison": 3, "sarcasm": 4, "reaction": 13, "applause": 13,
    }),
    second=0.08, detail=0.0, late_detail=0.03, closer=(0.1, 0.22), paragraphs_from=9, casual=0.4,
)  # fmt: skip
HACKER_NEWS = Tone(
    _weighed({
        "complaint": 14, "request": 9, "willingness_to_pay": 4, "workaround": 9, "switching": 5, "praise": 6,
        "counter": 16, "question": 9, "comparison": 6, "sarcasm": 3, "reaction": 9,
    }),
    second=0.5, detail=0.5, late_detail=0.45, closer=(0.12, 0.15), paragraphs_from=3,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people talk about, with the words for it in one language and one tone."""

    id: str
    opportunity: str | None
    """Title of the planted need; None for small talk."""
    lexicon: Lexicon
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Said:
    """A text and what is true of it."""

    title: str | None
    text: str
    truth: Truth
    link: str | None = None


def comment(topic: Topic, rng: Random, tone: Tone = REDDIT) -> Said:
    """Return what somebody answers in a thread about `topic`."""
    move = rng.choice(tone.comments)
    lexicon = topic.lexicon
    sentences = [lexicon.sentence(move, rng)]
    truth = _truth(topic, move)
    if move in _GOES_WITH and rng.random() < tone.second:
        second = rng.choice(_GOES_WITH[move])
        sentences.append(lexicon.sentence(second, rng))
        truth = truth.joined(_truth(topic, second))
    if move not in {"reaction", "sarcasm", "applause"}:
        if rng.random() < tone.detail:
            sentences.insert(0, lexicon.sentence("detail", rng))
        if rng.random() < tone.late_detail:
            sentences.append(lexicon.sentence("detail", rng))
        if rng.random() < tone.closer[0 if len(sentences) > 1 else 1]:
            sentences.append(lexicon.sentence("closer", rng))
    sentences = list(dict.fromkeys(sentences))
    gap = "\n\n" if len(sentences) >= tone.paragraphs_from else " "
    text = _spelled(topic, gap.join(sentences))
    if not any(letter.isalpha() for letter in text):
        truth = replace(truth, language="und")
    if not tone.casual:
        return Said(None, text, truth)
    if rng.random() < tone.casual / 2 and truth.sentiment != "negative":
        text += " " + lexicon.fill("face", rng)
    if rng.random() < tone.casual:
        text = _SENTENCE_START.sub(lambda found: found[0].lower(), text)
    return Said(None, text, truth)


def post(topic: Topic, rng: Random) -> Said:
    """Return the opening of a thread about `topic`; about one in sixteen has a title only."""
    move = rng.choice(_POSTS)
    lexicon = topic.lexicon
    title = _spelled(topic, lexicon.sentence(f"title_{move}", rng).rstrip("."))
    truth = _truth(topic, move)
    if rng.random() < 0.06:
        return Said(title, "", truth)
    sentences = [lexicon.sentence("detail", rng), lexicon.sentence(move, rng)]
    for second in _GOES_WITH.get(move, ())[: rng.randrange(3)]:
        sentences.append(lexicon.sentence(second, rng))
        truth = truth.joined(_truth(topic, second))
    sentences.extend(lexicon.sentence("detail", rng) for _ in range(rng.randrange(3)))
    sentences.append(lexicon.sentence("closer", rng))
    sentences = list(dict.fromkeys(sentences))
    half = len(sentences) // 2
    text = " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:])
    return Said(title, _spelled(topic, text), truth)


def video(topic: Topic, rng: Random) -> Said:
    """Return a video's title and description; it takes no side."""
    lexicon = topic.lexicon
    title = _spelled(topic, lexicon.sentence("video_title", rng).rstrip("."))
    about = _spelled(topic, lexicon.sentence("video_about", rng))
    return Said(title, f"{about}\n\n{lexicon.fill('chapters', rng)}", _passing(topic))


def story(topic: Topic, rng: Random) -> Said:
    """Return a story for Hacker News: a question with text, a link without, or something made, with both."""
    chance = rng.random()
    if chance < 0.4:
        return post(topic, rng)
    lexicon = topic.lexicon
    kind = "show" if chance < 0.55 else "headline"
    title = lexicon.sentence(kind, rng).rstrip(".")
    text = lexicon.sentence("show_text", rng) if kind == "show" else ""
    link = f"https://blog{rng.randrange(1, 400)}.example/{topic.id.replace('_', '-')}/{rng.randrange(10_000)}"
    return Said(title, text, _passing(topic), link)


def _spelled(topic: Topic, text: str) -> str:
    return _FRENCH_ELISION.sub(r"\1'", text) if topic.language == "fr" else text


def _passing(topic: Topic) -> Truth:
    return Truth(topic=topic.id, sentiment="neutral", language=topic.language)


def _truth(topic: Topic, move: str) -> Truth:
    intent, sentiment, stance = _MEANINGS[move]
    bears = topic.opportunity is not None and move not in _BESIDE_THE_POINT
    return replace(
        _passing(topic),
        intents=(intent,) if intent else (),
        sentiment=sentiment,
        sarcasm=move == "sarcasm",
        opportunity=topic.id if bears else None,
        stance=stance if bears else None,
    )
