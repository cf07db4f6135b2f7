"""Honest talk in English: what people say about a topic, sentence by sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import cast

from integrations.sandbox.items import Truth
from integrations.sandbox.phrases import Lexicon, material

_MOVES = {
    # move: (weight among comments, weight among posts, intent, sentiment, stance)
    "complaint": (20, 24, "complaint", "negative", "for"),
    "request": (13, 22, "request", "neutral", "for"),
    "willingness_to_pay": (6, 4, "willingness_to_pay", "neutral", "for"),
    "workaround": (10, 6, "workaround", "neutral", "for"),
    "switching": (6, 6, "switching", "negative", "for"),
    "praise": (11, 8, "praise", "positive", None),
    "counter": (8, 0, None, "neutral", "against"),
    "question": (9, 22, "question", "neutral", None),
    "comparison": (5, 8, "comparison", "neutral", None),
    "sarcasm": (4, 0, "complaint", "negative", "for"),
    "reaction": (8, 0, None, "neutral", None),
}
_COMMENT_MOVES = tuple(move for move, facts in _MOVES.items() for _ in range(facts[0]))
_POST_MOVES = tuple(move for move, facts in _MOVES.items() for _ in range(facts[1]))
_GOES_WITH = {
    "complaint": ("request", "workaround", "switching", "complaint"),
    "request": ("willingness_to_pay", "complaint", "workaround"),
    "workaround": ("request", "complaint"),
    "switching": ("praise", "complaint"),
    "question": ("complaint", "request"),
    "willingness_to_pay": ("request",),
    "praise": ("praise",),
}


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that people talk about."""

    id: str
    opportunity: str | None
    """Title of the planted need; None for small talk."""
    communities: dict[str, int]
    lexicon: Lexicon


@dataclass(frozen=True, slots=True)
class Said:
    """A text and what is true of it."""

    title: str | None
    text: str
    truth: Truth


def topics() -> tuple[Topic, ...]:
    """Return all topics, those with a planted need first."""
    common = Lexicon(cast("dict[str, dict[str, list[str]]]", material("common"))["lists"])
    loaded = cast("dict[str, list[dict[str, object]]]", material("topics"))
    found = []
    for entry in loaded["topics"] + loaded["chatter"]:
        lists = {name: value for name, value in entry.items() if isinstance(value, list)}
        title = entry.get("title")
        found.append(
            Topic(
                id=str(entry["id"]),
                opportunity=str(title) if title else None,
                communities=cast("dict[str, int]", entry["communities"]),
                lexicon=Lexicon(lists, common),
            )
        )
    return tuple(found)


def comment(topic: Topic, rng: Random) -> Said:
    """Return what somebody answers in a thread about `topic`."""
    move = rng.choice(_COMMENT_MOVES)
    lexicon = topic.lexicon
    sentences = [lexicon.sentence(move, rng)]
    truth = _truth(topic, move)
    if move in _GOES_WITH and rng.random() < 0.4:
        second = rng.choice(_GOES_WITH[move])
        sentences.append(lexicon.sentence(second, rng))
        truth = _joined(truth, _truth(topic, second))
    if move not in {"reaction", "sarcasm"}:
        if rng.random() < 0.35:
            sentences.insert(0, lexicon.sentence("detail", rng))
        if rng.random() < 0.25:
            sentences.append(lexicon.sentence("detail", rng))
        if rng.random() < (0.3 if len(sentences) > 1 else 0.7):
            sentences.append(lexicon.sentence("closer", rng))
    sentences = list(dict.fromkeys(sentences))
    gap = "\n\n" if len(sentences) > 3 else " "
    return Said(None, gap.join(sentences), truth)


def post(topic: Topic, rng: Random) -> Said:
    """Return the opening of a thread about `topic`; about one in sixteen has a title only."""
    move = rng.choice(_POST_MOVES)
    lexicon = topic.lexicon
    title = lexicon.sentence(f"title_{move}", rng).rstrip(".")
    truth = _truth(topic, move)
    if rng.random() < 0.06:
        return Said(title, "", truth)
    sentences = [lexicon.sentence("detail", rng), lexicon.sentence(move, rng)]
    for second in _GOES_WITH.get(move, ())[: rng.randrange(3)]:
        sentences.append(lexicon.sentence(second, rng))
        truth = _joined(truth, _truth(topic, second))
    sentences.extend(lexicon.sentence("detail", rng) for _ in range(rng.randrange(3)))
    sentences.append(lexicon.sentence("closer", rng))
    sentences = list(dict.fromkeys(sentences))
    half = len(sentences) // 2
    return Said(title, " ".join(sentences[:half]) + "\n\n" + " ".join(sentences[half:]), truth)


def _truth(topic: Topic, move: str) -> Truth:
    _, _, intent, sentiment, stance = _MOVES[move]
    bears = topic.opportunity is not None and move != "reaction"
    return Truth(
        topic=topic.id,
        intents=(intent,) if intent else (),
        sentiment=sentiment,
        sarcasm=move == "sarcasm",
        opportunity=topic.id if bears else None,
        stance=stance if bears else None,
    )


def _joined(first: Truth, second: Truth) -> Truth:
    sentiments = {first.sentiment, second.sentiment} - {"neutral"}
    return replace(
        first,
        intents=tuple(dict.fromkeys(first.intents + second.intents)),
        sentiment=sentiments.pop() if len(sentiments) == 1 else "neutral",
        stance=first.stance or second.stance,
    )
