"""Finds the items that speak of something: a small inverted index of one analysis, read in the parts that are needed.

items ──`Builder`──▶ 64 parts with the terms, one with the items ──`Index.hits`──▶ the items that speak of some terms

The ranking is Okapi BM25 (S. Robertson, H. Zaragoza, 2009, https://doi.org/10.1561/1500000019). Whether an item speaks
of a question at all is decided by its *coverage*: the share of the question's terms it holds, each weighed by how rare
it is. A term that no item holds weighs as much as the rarest, so a question about something else covers nothing.
"""

from __future__ import annotations

import json
import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.services.pipeline.prose import own_words
from app.services.pipeline.stop_words import STOP_WORDS

RULES = "2"
"""Changes whenever the same items can make another index."""
PARTS = 64
ITEMS = PARTS
"""Number of the part that lists the items."""
_READ = 4_000
"""Characters read of an item."""
_LONGEST_TERM = 40
_K1, _B = 1.2, 0.6

_WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)*")
_VOWEL = re.compile(r"[aeiouy\u00e4\u00f6\u00fc\u00e0-\u00ff]")
_SHORT = re.compile(r"[^aeiou][aeiou][^aeiouwxy]")

_IRREGULAR = {
    form: base
    for base, forms in {
        "break": "broke broken breaks breaking",
        "buy": "bought buying",
        "child": "children kids kid",
        "choose": "chose chosen",
        "die": "died dying dies",
        "forget": "forgot forgotten forgets forgetting",
        "hear": "heard",
        "leave": "left leaving",
        "lose": "lost losing loses",
        "pay": "paid pays paying",
        "run": "ran running runs",
        "sell": "sold",
        "send": "sent",
        "sleep": "slept",
        "spend": "spent",
        "steal": "stole stolen",
        "teach": "taught",
        "wake": "woke woken",
        "write": "wrote written writing",
    }.items()
    for form in forms.split()
}


def stem(word: str) -> str:
    """Return what the forms of an English word share, roughly: `restored`, `restoring` and `restores` are one term."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    word = _IRREGULAR.get(word, word)
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed", "ly"):
        base = word[: -len(ending)]
        if word.endswith(ending) and len(base) > 2 and _VOWEL.search(base):
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                word = base[:-1]
            else:
                word = base + "e" if ending != "ly" and _SHORT.fullmatch(base) else base
            break
    if word.endswith("ied"):
        word = word[:-3] + "y"
    # Four letters keep their e, and get it back: "care" and "caring" are no "car", and "cars" is.
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def terms(text: str) -> list[str]:
    """Return the terms of a text in their order: stems of its own words, without those that tell nothing apart."""
    return [
        stem(word)[:_LONGEST_TERM]
        for word in _WORD.findall(own_words(text[:_READ]).lower().replace("\u2019", "'"))
        if len(word) > 1 and word not in STOP_WORDS and not word.isdecimal()
    ]


class Builder:
    """Takes in items one by one and gives the parts of their index."""

    def __init__(self) -> None:
        """Start empty."""
        self._ids: list[str] = []
        self._lengths: list[int] = []
        self._postings: dict[str, array[int]] = {}

    def add(self, item_id: str, text: str) -> None:
        """Take in one item."""
        counts = Counter(terms(text))
        place = len(self._ids)
        self._ids.append(item_id)
        self._lengths.append(counts.total())
        for term, count in counts.items():
            self._postings.setdefault(term, array("I")).extend((place, min(count, 255)))

    def parts(self) -> Iterable[tuple[int, bytes]]:
        """Give each part with its number."""
        yield ITEMS, _packed({"ids": self._ids, "lengths": self._lengths})
        by_part: list[dict[str, list[int]]] = [{} for _ in range(PARTS)]
        for term in sorted(self._postings):
            by_part[_part_of(term)][term] = self._postings[term].tolist()
        for number, held in enumerate(by_part):
            yield number, _packed(held)


@dataclass(frozen=True, slots=True)
class Hit:
    """One item that holds some of the terms."""

    item_id: str
    score: float
    """BM25; comparable within one search."""
    coverage: float
    """0 to 1."""


class Index:
    """The index of one analysis."""

    def __init__(self, read: Callable[[Sequence[int]], Mapping[int, bytes]]) -> None:
        """Keep how to read parts by their numbers; a part that is not there counts as empty."""
        self._read = read

    def hits(self, groups: Sequence[Sequence[str]], *, least: float) -> list[Hit]:
        """Return the items that cover at least `least` of the terms, the best first; ties by id.

        Args:
            groups: The terms; those of one group mean the same and count once.
            least: Share of the weight of all groups.
        """
        wanted = sorted({term for group in groups for term in group})
        parts = self._read([ITEMS, *sorted({_part_of(term) for term in wanted})])
        if not groups or ITEMS not in parts:
            return []
        listed = _unpacked(parts[ITEMS])
        ids: list[str] = listed["ids"]
        lengths: list[int] = listed["lengths"]
        held = {number: _unpacked(data) for number, data in parts.items() if number != ITEMS}
        mean = max(1.0, sum(lengths) / max(1, len(lengths)))
        scores: dict[int, float] = {}
        covered: dict[int, float] = {}
        total = 0.0
        for group in groups:
            counts: dict[int, int] = {}
            for term in set(group):
                postings = held.get(_part_of(term), {}).get(term, [])
                for place, count in zip(postings[::2], postings[1::2], strict=True):
                    counts[place] = counts.get(place, 0) + count
            rarity = weight(len(counts), len(ids))
            total += rarity
            for place, count in counts.items():
                length = 1 - _B + _B * lengths[place] / mean
                scores[place] = scores.get(place, 0.0) + rarity * count * (_K1 + 1) / (count + _K1 * length)
                covered[place] = covered.get(place, 0.0) + rarity
        found = [
            Hit(ids[place], scores[place], covered[place] / total)
            for place in scores
            if covered[place] / total >= least
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.item_id))

    def held(self, groups: Sequence[Sequence[str]]) -> list[int]:
        """Return how many items hold a term of each group."""
        parts = self._read(sorted({_part_of(term) for group in groups for term in group}))
        held = {number: _unpacked(data) for number, data in parts.items()}
        return [
            len({place for term in group for place in held.get(_part_of(term), {}).get(term, [])[::2]})
            for group in groups
        ]

    def ids(self) -> list[str]:
        """Return every item in the index."""
        parts = self._read([ITEMS])
        return list(_unpacked(parts[ITEMS])["ids"]) if ITEMS in parts else []


def weight(held_by: int, size: int) -> float:
    """Return what a term tells that so many of `size` items hold: `ln(1 + (N - n + 0.5) / (n + 0.5))`."""
    return math.log(1 + (size - held_by + 0.5) / (held_by + 0.5))


def _part_of(term: str) -> int:
    return zlib.crc32(term.encode()) % PARTS


def _packed(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 6)


def _unpacked(data: bytes) -> dict[str, list]:  # type: ignore[type-arg]
    loaded: dict[str, list] = json.loads(zlib.decompress(data))  # type: ignore[type-arg]
    return loaded
