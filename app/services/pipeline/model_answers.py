"""Reads what a model answered, believing nothing: handles become ids or vanish, the rest becomes short plain strings.

Never raises, whatever the answer is. What it returns is still only proposed: `model_words` decides about wording,
`synthesise.check` about ids and quotes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.services.pipeline.model_prompts import Asked
from app.services.pipeline.proposals import KINDS, Proposal
from integrations.contracts import JsonValue

MOST_LISTED = 60
"""Entries of any list that are looked at."""
LONGEST_TEXT = 600
"""Characters of any string that are looked at."""
MOST_QUOTED = 10
"""Items of a finding in which its quote is looked for: it should stand in the first."""
LONGEST_ANSWER = 200_000
"""Characters of a whole answer, many times what a prompt asks for; of a longer one nothing is kept."""
_NUMBERS = 1_000_000
TONES = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Said:
    """One opportunity as a model sees it."""

    proposal: Proposal
    topics: tuple[int, ...]
    """Topics that its items came from, that of the first item first."""


@dataclass(frozen=True, slots=True)
class Cited:
    """One sentence of a summary."""

    text: str
    item_ids: tuple[str, ...]


def storable(answer: JsonValue) -> dict[str, JsonValue]:
    """Return an answer as any database takes it: an object of bounded size, without characters that none stores."""
    cleaned = _cleaned(answer, 12) if isinstance(answer, Mapping) else {}
    try:
        size = len(json.dumps(cleaned, allow_nan=False))
    except ValueError:
        return {}
    return cleaned if size <= LONGEST_ANSWER else {}


def _cleaned(value: JsonValue, depth: int) -> JsonValue:
    if isinstance(value, str):
        return value.replace("\x00", " ").encode("utf-8", "replace").decode()
    if depth and isinstance(value, Mapping):
        return {_cleaned(str(name), 0): _cleaned(one, depth - 1) for name, one in value.items()}
    if depth and isinstance(value, list):
        return [_cleaned(one, depth - 1) for one in value]
    return value if isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 53) else None


def names(asked: Asked, answer: JsonValue) -> dict[int, str]:
    """Return the proposed names, by number of topic; none when there are more or fewer than topics.

    They stand in the order of the topics, so that with one missing nobody knows whose the others are.
    """
    listed = answer.get("names") if isinstance(answer, Mapping) else None
    if not isinstance(listed, list) or len(listed) != len(asked.topics):
        return {}
    return {
        number: name[:LONGEST_TEXT]
        for number, name in zip(asked.topics, listed, strict=True)
        if isinstance(name, str) and name
    }


def opportunities(asked: Asked, answer: JsonValue, topic_of: Mapping[str, int], engine: str) -> list[Said]:
    """Return the proposed opportunities.

    Args:
        asked: The prompt.
        answer: What came back.
        topic_of: Number of the topic of each item that was shown.
        engine: Who said it.
    """
    found = []
    for entry in _entries(answer, "opportunities"):
        items = _items(asked, entry.get("items"))
        words = _text(entry, "quote")
        kind = _text(entry, "kind")
        found.append(
            Said(
                Proposal(
                    title=_text(entry, "title"),
                    summary=_text(entry, "summary"),
                    kind=kind if kind in KINDS else "",
                    item_ids=items,
                    quotes=tuple((item, words) for item in items[:MOST_QUOTED] if words),
                    against=_quotes(asked, entry.get("against")),
                    engine=engine,
                ),
                tuple(dict.fromkeys(topic_of[item] for item in items if item in topic_of)),
            )
        )
    return found


def sentences(asked: Asked, answer: JsonValue) -> list[Cited]:
    """Return the sentences of a summary, each with the items that it cites; those that cite nothing are left out."""
    found = [Cited(_text(entry, "text"), _items(asked, entry.get("items"))) for entry in _entries(answer, "sentences")]
    return [cited for cited in found if cited.text and cited.item_ids]


def tones(asked: Asked, answer: JsonValue) -> dict[str, str]:
    """Return the proposed sentiment, by item id."""
    found: dict[str, str] = {}
    for entry in _entries(answer, "tones", most=10 * MOST_LISTED):
        item, tone = asked.items.get(_text(entry, "item")), _text(entry, "tone")
        if item is not None and tone in TONES:
            found.setdefault(item, tone)
    return found


def _entries(answer: JsonValue, name: str, most: int = MOST_LISTED) -> list[Mapping[str, JsonValue]]:
    listed = answer.get(name) if isinstance(answer, Mapping) else None
    return [entry for entry in listed[:most] if isinstance(entry, Mapping)] if isinstance(listed, list) else []


def _text(entry: Mapping[str, JsonValue], name: str) -> str:
    value = entry.get(name)
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""


def _handle(value: JsonValue) -> str:
    """Return what stands for an item in a prompt: a number, or a short name; empty when it is neither."""
    if isinstance(value, bool):
        return ""
    return str(value) if isinstance(value, int) and 0 < value < _NUMBERS else value if isinstance(value, str) else ""


def _items(asked: Asked, listed: JsonValue) -> tuple[str, ...]:
    handles: Iterable[JsonValue] = listed[:MOST_LISTED] if isinstance(listed, list) else ()
    found = [asked.items.get(_handle(handle)) for handle in handles]
    return tuple(dict.fromkeys(item for item in found if item is not None))


def _quotes(asked: Asked, listed: JsonValue) -> tuple[tuple[str, str], ...]:
    entries = (
        [entry for entry in listed[:MOST_LISTED] if isinstance(entry, Mapping)] if isinstance(listed, list) else []
    )
    pairs = [(asked.items.get(_handle(entry.get("item"))), _text(entry, "quote")) for entry in entries]
    return tuple((item, quote) for item, quote in pairs if item is not None and quote)
