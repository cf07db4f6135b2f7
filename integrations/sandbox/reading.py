"""How a stand-in reads: sentences, telling words, wishes and moods, from the words alone and always alike.

It knows a few hundred words of four languages and nothing of the corpus.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?]+|$|(?=\n))")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_DATA = json.loads((files("integrations.sandbox") / "data" / "reading.json").read_text(encoding="utf-8"))
_STOP = frozenset(_DATA["stop"])


def _any_of(patterns: list[str], *, whole_words: bool = False) -> re.Pattern[str]:
    joined = "|".join(patterns)
    return re.compile(rf"\b(?:{joined})\b" if whole_words else joined, re.IGNORECASE)


_ORDERS, _AGAINST, _MOCKS = _any_of(_DATA["orders"]), _any_of(_DATA["against"]), _any_of(_DATA["mocks"])
_WANTS = tuple((name, _any_of(patterns)) for name, patterns in _DATA["wants"].items())
"""Signs that a sentence wants something, the strongest first."""
_GOOD, _BAD = _any_of(_DATA["good"], whole_words=True), _any_of(_DATA["bad"], whole_words=True)
_NOT = re.compile(r"\b(?:not|n't|no|never|nicht|kein\w*|pas|sin|hardly)\s+(?:\w+\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Wish:
    """A sentence that wants something."""

    kind: str
    text: str
    """Word for word as it stands."""


def sentences(text: str) -> list[str]:
    """Return the sentences of a text, each word for word as it stands there."""
    return [found for match in _SENTENCE.finditer(text) if (found := match[0].strip())]


def is_order(text: str) -> bool:
    """Tell a sentence that speaks to machines."""
    return bool(_ORDERS.search(text))


def words(text: str) -> list[str]:
    """Return the telling words of a text in order, lower case."""
    return [word for match in _WORD.finditer(text.lower()) if len(word := match[0]) > 2 and word not in _STOP]


def root(word: str) -> str:
    """Return what forms of an English word share, roughly."""
    for ending, least in (("ies", 5), ("ing", 6), ("ed", 5), ("es", 5), ("s", 4)):
        if word.endswith(ending) and len(word) >= least and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def wish(text: str) -> Wish | None:
    """Return the sentence of a text that wants most, and what kind of want it is."""
    parts = [part for part in sentences(text)[:30] if not is_order(part) and len(part.split()) >= 3]
    for kind, pattern in _WANTS:
        found = next((part for part in parts if pattern.search(part) and not _AGAINST.search(part)), None)
        if found is not None:
            return Wish(kind, found)
    return None


def objection(text: str) -> str | None:
    """Return the sentence of a text that speaks against a want, word for word."""
    parts = sentences(text)[:30]
    for place, part in enumerate(parts):
        if _AGAINST.search(part) and not is_order(part):
            following = parts[place + 1] if place + 1 < len(parts) else ""
            return following if len(part.split()) < 4 and following and not is_order(following) else part
    return None


def mood(text: str) -> float:
    """Return how a text sounds, from -1 to 1."""
    if _MOCKS.search(text):
        return -0.8
    told = " ".join(part for part in sentences(text) if not is_order(part))
    good, bad = _counted(_GOOD, told), _counted(_BAD, told)
    found = wish(text)
    grumbles = found is not None and found.kind in {"complaint", "switching"}
    score = (good[0] + bad[1]) - (bad[0] + good[1]) - grumbles
    return max(-1.0, min(1.0, score / 2))


def tone(score: float) -> str:
    """Return `negative`, `neutral` or `positive`."""
    return "positive" if score > 0.25 else "negative" if score < -0.25 else "neutral"


def shared(texts: Iterable[str], least: int = 2) -> list[str]:
    """Return the telling words that at least so many texts have in common, the commonest first, as first written."""
    count: Counter[str] = Counter()
    written: dict[str, str] = {}
    for text in texts:
        seen = dict.fromkeys(words(text))
        for word in seen:
            written.setdefault(root(word), word)
        count.update({root(word) for word in seen})
    found = [stem for stem, number in count.items() if number >= least]
    order = {stem: place for place, stem in enumerate(written)}
    return [written[stem] for stem in sorted(found, key=lambda stem: (-count[stem], order[stem]))]


def _counted(pattern: re.Pattern[str], text: str) -> tuple[int, int]:
    """Return how often a pattern stands plainly, and how often after a negation."""
    plain = turned = 0
    for match in pattern.finditer(text):
        if _NOT.search(text[: match.start()][-24:]):
            turned += 1
        else:
            plain += 1
    return plain, turned


_CLAUSE = re.compile(r"(?:\bto|\blets? (?:me|us)|\bcould|\bcan) ([^\W\d_][^.,;:!?()\d\n]{8,90})", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(
    r" (?:when|but|although|because|and (?:it|i|my|the)|so|if|since|without|ever|after|even|please)\b.*"
)
_CLAUSE_WORDS = 3, 9


def clause(texts: list[str]) -> str:
    """Return what several texts want to do, in words that at least two of them share; empty when there is none.

    `… to upload the camera roll of the whole family …` in two texts gives just these words.
    """
    lower = [" ".join(text.lower().split()) for text in texts]
    best: tuple[int, int, str] = (1, 99, "")  # one voice is none
    for text in lower:
        for match in _CLAUSE.finditer(text):
            line = _CLAUSE_ENDS.sub("", match[1]).split()[: _CLAUSE_WORDS[1]]
            if not line or not words(line[0]):  # "to the", "to be": no verb that says much
                continue
            for length in range(len(line), _CLAUSE_WORDS[0] - 1, -1):
                part = " ".join(line[:length])
                if not words(line[length - 1]):
                    continue
                voices = sum(part in other for other in lower)
                if (voices, length) > best[:2]:
                    best = (voices, length, part)
    return best[2]
