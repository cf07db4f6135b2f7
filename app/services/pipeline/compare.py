"""Finds in two results what is the same thing: topics with topics, opportunities with opportunities.

Two parts are alike by the items that both hold, counted among those that either could hold, and by their words where
there are few such items (two communities share none). The best pair is taken first; each part is in one pair at most.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.services.pipeline.records import TopicFound
from app.services.pipeline.stop_words import STOP_WORDS

LEAST = 0.3
"""Likeness from which two parts are the same thing."""
_DOUBT = 4
"""With so many items that both could hold, items and words weigh the same; with more of them, items weigh more."""
_WORD = re.compile(r"\w[\w'-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """A topic or an opportunity of one of two results."""

    number: int
    """What tells it from the others of its result."""
    known: int
    """How many of its items the other result holds too, wherever they stand there."""
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Pair:
    """What is the same thing on both sides."""

    left: int
    """Number of the left part."""
    right: int
    shared: int
    """Items that both hold."""
    likeness: float
    """0 to 1."""


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the words of terms or titles that say something, in small letters."""
    return frozenset(word for text in texts for word in _WORD.findall(text.casefold()) if word not in STOP_WORDS)


def likeness(left: Part, right: Part, shared: int) -> float:
    """Return how alike two parts are, 0 to 1: the same whichever comes first.

    w · 2·shared / (left + right) + (1 - w) · shared words / all words, where left and right count the items that the
    other result holds too, and w = max(left, right) / (max(left, right) + 4); at least `LEAST` when both have the same
    words and an item in common.
    """
    both = left.known + right.known
    items = 2 * shared / both if both else 0.0
    every = left.words | right.words
    words = len(left.words & right.words) / len(every) if every else 0.0
    more = max(left.known, right.known)  # items that went elsewhere speak against it, even if one side has no other
    weight = more / (more + _DOUBT)
    found = weight * items + (1 - weight) * words
    # Called the same by both and with an item in common: nobody would believe that one went and the other came.
    return max(found, LEAST) if shared and every and left.words == right.words else found


def match(left: Sequence[Part], right: Sequence[Part], shared: Mapping[tuple[int, int], int]) -> list[Pair]:
    """Return the pairs, by the left number.

    Args:
        left: The parts of one result.
        right: The parts of the other.
        shared: How many items a left and a right part (by number) both hold; none where there is no entry.
    """
    pairs = [
        Pair(one.number, other.number, count, found)
        for one in left
        for other in right
        if (found := likeness(one, other, count := shared.get((one.number, other.number), 0))) >= LEAST
    ]
    # Of equal pairs the order must not depend on which side is the left one.
    pairs.sort(key=lambda pair: (-pair.likeness, -pair.shared, abs(pair.left - pair.right), pair.left + pair.right))
    kept: list[Pair] = []
    lefts: set[int] = set()
    rights: set[int] = set()
    for pair in pairs:
        if pair.left not in lefts and pair.right not in rights:
            kept.append(pair)
            lefts.add(pair.left)
            rights.add(pair.right)
    return sorted(kept, key=lambda pair: pair.left)


@dataclass(frozen=True, slots=True)
class Known:
    """A topic of the run before."""

    number: int
    name: str
    terms: tuple[str, ...]
    keys: frozenset[str]
    """Its items, by what names them in both runs."""


def keep_names(
    found: Sequence[TopicFound], before: Sequence[Known], keys: Mapping[str, str], held: Collection[str]
) -> list[TopicFound]:
    """Return the topics with the numbers and names that they had in the run before; new ones get numbers of their own.

    Args:
        found: The topics of this run.
        before: The topics of the run before.
        keys: What names each item in both runs, by its id in this one.
        held: Which keys the run before holds, in a topic or not.
    """
    if not before:
        return list(found)
    here = frozenset(keys.values())
    members = {topic.number: frozenset(keys[item] for item in topic.item_ids) for topic in found}
    left = [
        Part(topic.number, sum(key in held for key in members[topic.number]), words_of(topic.terms)) for topic in found
    ]
    right = [Part(topic.number, len(topic.keys & here), words_of(topic.terms)) for topic in before]
    home = {key: topic.number for topic in before for key in topic.keys}
    shared: dict[tuple[int, int], int] = {}
    for number, own in members.items():
        for key in own & home.keys():
            shared[number, home[key]] = shared.get((number, home[key]), 0) + 1
    known = {topic.number: topic for topic in before}
    same = {pair.left: known[pair.right] for pair in match(left, right, shared)}
    free = max(known) + 1
    taken = {topic.name for topic in same.values()}
    named = []
    for topic in found:
        if topic.number in same:
            named.append(replace(topic, number=same[topic.number].number, name=same[topic.number].name))
            continue
        name = topic.name if topic.name not in taken else f"{topic.name} (new)"
        taken.add(name)
        named.append(replace(topic, number=free, name=name))
        free += 1
    return named
