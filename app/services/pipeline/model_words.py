"""Decides which sentences of a model may be shown: plain, short, without figures, and in words that people used.

A sentence that fails is not mended: whoever writes markup, a link, a number or an order into a title is not believed
in the rest of it either.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from app.services.pipeline.borrowed import Borrowed
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.plain_text import plain
from app.services.pipeline.records import Record, TopicFound
from app.services.pipeline.wants import stems

LONGEST_NAME = 48
LEAST_GROUNDED = 0.5
"""Share of the telling words of a sentence that must stand in the items it is about."""

_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|thousands?|millions?"
    r"|billions?|percent|per cent|half|thirds?|quarters?|twice|double|triple|majority|minority)\b",
    re.IGNORECASE,
)
"""Numbers are ours to count. A model's are invented, however they are written."""

_URGES = re.compile(
    r"\b(?:click|tap|visit|buy now|order now|subscribe|sign up|coupons?|promo|vouchers?|giveaway|dm|e-?mail us|call us"
    r"|contact us|ignore|disregard|pretend|instructions?|prompts?|system message|as an ai|language model|assistant"
    r"|chatbot|http|www)\b|[@$%#&=*_]",
    re.IGNORECASE,
)
"""What speaks to whoever reads it, or to a machine, instead of saying what was said."""

# fmt: off
_OURS = frozenset(
    {
        "about", "across", "alternative", "and", "are", "around", "automatic", "automatically", "been", "being",
        "better", "between", "broken", "can", "cannot", "choice", "choosing", "comparison", "complaint",
        "confusing", "cost", "could", "difficult", "difficulty", "easier", "easy", "feature", "for", "from",
        "frustrated", "frustration", "handle", "handling", "hard", "has", "have", "help", "helps", "idea",
        "instead", "into", "keep", "keeps", "kind", "lack", "lacking", "leave", "leaving", "made", "make",
        "makes", "manage", "management", "managing", "manual", "manually", "many", "missing", "most", "need",
        "new", "not", "old", "option", "other", "pay", "paying", "people", "person", "price", "pricing",
        "problem", "quality", "reliability", "reliable", "request", "setup", "several", "should", "simple",
        "slow", "some", "support", "switch", "switching", "that", "the", "their", "them", "they", "this", "tool",
        "trouble", "unclear", "use", "used", "user", "using", "want", "way", "what", "when", "where", "which",
        "while", "who", "willing", "wish", "with", "without", "work", "workaround", "working", "works", "would",
    }
)
# fmt: on
"""Words that say how something is said, not what: they need not stand in the items."""

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019\-][^\W\d_]+)*")


class Vocabulary:
    """The words that at least two people used, by topic and in all."""

    def __init__(self, records: Iterable[Record]) -> None:
        """Count who used which word."""
        self._users: dict[str, set[str]] = {}
        for record in records:
            author = record.author or record.id
            for stem in stems(record.text):
                users = self._users.setdefault(stem, set())
                if len(users) < 2:
                    users.add(author)

    def shares(self, stem: str) -> bool:
        """Return True when two people used the word."""
        return len(self._users.get(stem, ())) > 1

    def grounded(self, text: str, terms: Iterable[str] = ()) -> float:
        """Return the share of the telling words of `text` that people used, or that are terms of its topic."""
        known = stems(" ".join(terms))
        telling = [stem for stem in stems(text) if stem not in _OURS]
        if not telling:
            return 0.0
        return sum(1 for stem in telling if stem in known or self.shares(stem)) / len(telling)

    def names_the_unknown(self, text: str) -> bool:
        """Return True when `text` holds a capitalised word, not at its start, that no two people used: a made-up name.

        Also at its start, when it is written with capitals inside.
        """
        for match in _WORD.finditer(text):
            word = match[0]
            starts = not text[: match.start()].rstrip(" \"'(") or text[: match.start()].rstrip(" \"'(")[-1] in ".!?:"
            marked = any(map(str.isupper, word[1:] if starts else word))
            telling = stems(word) - _OURS
            if marked and telling and not any(self.shares(stem) for stem in telling):
                return True
        return False


def acceptable(text: object, longest: int) -> str | None:
    """Return `text` when it is plain words within bounds, without figures, links, markup and orders; else None."""
    if not isinstance(text, str) or not 3 <= len(text.strip()) <= longest:
        return None
    line = " ".join(text.split())
    if plain(line, longest) != line.strip(" -:;,") or _NUMBER.search(line) or _URGES.search(line):
        return None
    return None if speaks_to_machines(line) else line.strip(" -:;,")


def own_sentence(
    text: object, longest: int, *, vocabulary: Vocabulary, borrowed: Borrowed, terms: Iterable[str] = ()
) -> str | None:
    """Return a title or sentence that may be shown; None when it is refused.

    Args:
        text: What the model said.
        longest: Characters that it may have.
        vocabulary: Of the items that it is about.
        borrowed: Made with the same text.
        terms: Of its topic.
    """
    line = acceptable(text, longest)
    if line is None or borrowed.repeats(line) or vocabulary.names_the_unknown(line):
        return None
    return line if vocabulary.grounded(line, terms) >= LEAST_GROUNDED else None


def topic_names(
    proposed: Mapping[int, str], topics: Sequence[TopicFound], records: Mapping[str, Record]
) -> dict[int, str]:
    """Return the names that may be shown, by number of topic; the others keep the names they have.

    A name has two to five words, at least one of them a term of its topic, each of the others used by two people in it
    or one of ours, and no other topic bears it.
    """
    found: dict[int, str] = {}
    taken = {topic.name.lower() for topic in topics}
    for topic in topics:
        line = acceptable(proposed.get(topic.number), LONGEST_NAME)
        if line is None or not 2 <= len(line.split()) <= 5:
            continue
        vocabulary = Vocabulary(records[item] for item in topic.item_ids if item in records)
        telling = stems(line) - _OURS
        terms = stems(" ".join(topic.terms))
        if not telling & terms or vocabulary.grounded(line, topic.terms) < 1.0 or vocabulary.names_the_unknown(line):
            continue
        if line.lower() in taken - {topic.name.lower()}:
            continue
        taken.add(line.lower())
        found[topic.number] = line
    return found
