"""Checks quotes against the stored text of their item, and takes new ones out of it as exact spans.

A quote is *verified* when it stands there word for word, *repaired* when it differs only in how it is set (white space,
case, quote marks, dashes, an ellipsis at its ends), else *unverified*: also when something was left out of its middle
or a single letter was changed. A repaired quote is shown in the stored words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.services.pipeline.prose import Sentence, sentences
from app.services.pipeline.records import Quote, Record, Verification

SHORTEST_WORDS = 3
SHORTEST_CHARACTERS = 12
"""A quote needs one of the two; "it is" stands in every text and proves nothing."""
LONGEST = 240
"""Characters of a quote that `extract` takes."""
LIKE = 0.8
"""Share of the words of the shorter of two quotes from which both say the same."""

_QUOTE_MARKS = "\"'`\u00b4\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\u2032\u2033"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
_SET = str.maketrans(dict.fromkeys(_QUOTE_MARKS, "'") | dict.fromkeys(_DASHES, "-"))
_OUTER = re.compile(r"^(?:\[?\(?(?:\u2026|\.{2,})\)?\]?|\s)+|(?:\[?\(?(?:\u2026|\.{2,})\)?\]?|\s)+$")
_OPENER = re.compile(r"^(?:[^\s:.!?]+\s+){0,14}[^\s:.!?]+:\s+")
"""`Counterpoint:`, `Unpopular opinion from somebody who did this for years:`"""
_WORD = re.compile(r"\w+(?:['\u2019]\w+)?")


def long_enough(text: str) -> bool:
    """Return True when `text` says enough to be a quote."""
    words = _WORD.findall(text)
    return len(words) >= SHORTEST_WORDS or (bool(words) and len(text.strip()) >= SHORTEST_CHARACTERS)


class Unlike:
    """Tells whether a text says what none before it has said: the same sentence in another mouth adds nothing."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Start with texts that are already shown."""
        self._seen = [_said(text) for text in texts]

    def add(self, text: str) -> bool:
        """Return True and remember `text` when it is unlike all before; opener, case and punctuation do not count."""
        words = _said(text)
        if any(len(words & seen) >= LIKE * min(len(words), len(seen)) for seen in self._seen):
            return False
        self._seen.append(words)
        return True


def _said(text: str) -> frozenset[str]:
    opener = _OPENER.match(text)
    rest = text[opener.end() :] if opener else text
    words = frozenset(_WORD.findall((rest if long_enough(rest) else text).lower().replace("\u2019", "'")))
    return words or frozenset((text,))


def verify(proposed: str, text: str) -> tuple[Verification, int, int]:
    """Look for `proposed` in the stored `text`.

    Returns:
        The verification, and the span of the stored words: offsets in `text`, in characters; 0 and 0 when unverified.
    """
    unverified = (Verification.UNVERIFIED, 0, 0)
    if not long_enough(proposed) or len(proposed) > 2 * len(text) + 100:
        return unverified
    span = _at_word_bounds(proposed, text)
    if span is not None:
        return (Verification.VERIFIED, *span)
    stripped = _OUTER.sub("", proposed[:_EXAMINED])
    folded, offsets = _fold(text)
    # A pair of quote marks around the whole is how one writes a quote; inside, each mark must stand in the text too.
    for candidate in (stripped, stripped.strip(_QUOTE_MARKS)):
        wanted = _fold(_OUTER.sub("", candidate))[0].strip()
        if not long_enough(wanted):
            continue
        found = _at_word_bounds(wanted, folded)
        if found is not None:
            start, end = offsets[found[0]], offsets[found[1] - 1] + 1
            return (Verification.REPAIRED, start, _whole_run(text, end))
    return unverified


def extract(
    record: Record, *, around: str | Sentence | None = None, about: Iterable[str] = (), alone: bool = False
) -> Quote | None:
    """Take the best sentence, or two, out of an item as a quote of at most 240 characters.

    Args:
        record: Where to quote from.
        around: Words that stand in the item, or one of its sentences: the quote is taken there.
        about: Words to look for otherwise, in lower case; the sentence with most of them wins, the earlier on a tie.
        alone: Take no second sentence.

    Returns:
        A verified quote on sentence bounds; a sentence that is too long alone is cut at a word. None when the item has
        no sentence that is long enough.
    """
    found = [part for part in sentences(record.text) if long_enough(part.text)]
    if not found:
        return None
    chosen = _chosen(found, record.text, around, {word.lower() for word in about})
    start, end = found[chosen].start, found[chosen].end
    if end - start > LONGEST:
        start, end = _cut(record.text, start, end)
    elif not alone and end - start < 60 and chosen + 1 < len(found) and found[chosen + 1].end - start <= LONGEST:
        # A very short sentence seldom makes sense without the one that follows, if they stand together.
        follower = found[chosen + 1]
        end = follower.end if "\n" not in record.text[end : follower.start] else end
    if not long_enough(record.text[start:end]):
        return None
    return Quote(record.id, record.text[start:end], start, end, Verification.VERIFIED)


_EXAMINED = 20_000


def _fold(text: str) -> tuple[str, list[int]]:
    """Return `text` without differences of setting, and for each of its characters the offset in `text`."""
    characters: list[str] = []
    offsets: list[int] = []
    for offset, character in enumerate(text.translate(_SET)):
        if character.isspace() or character == "\u200b":
            if characters and characters[-1] != " ":
                characters.append(" ")
                offsets.append(offset)
            continue
        if character in "'-" and characters and characters[-1] == character:
            continue
        for part in character.casefold():
            characters.append(part)
            offsets.append(offset)
    return "".join(characters), offsets


def _at_word_bounds(wanted: str, text: str) -> tuple[int, int] | None:
    wanted = wanted.strip()
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        before = start > 0 and text[start - 1].isalnum() and wanted[0].isalnum()
        after = end < len(text) and text[end].isalnum() and wanted[-1].isalnum()
        if not before and not after:
            return start, end
        start = text.find(wanted, start + 1)
    return None


def _whole_run(text: str, end: int) -> int:
    """Move `end` behind the last of equal marks: `--` counts as one dash, so its second half belongs to it."""
    last = text[end - 1]
    for family in (_DASHES, _QUOTE_MARKS):
        while last in family and end < len(text) and text[end] in family:
            end += 1
    return end


def _chosen(found: list[Sentence], text: str, around: str | Sentence | None, about: set[str]) -> int:
    if around is not None:
        at = around.start if isinstance(around, Sentence) else verify(around, text)[1]
        for number, part in enumerate(found):
            if part.start <= at < part.end:
                return number
    if about:
        hits = [len(about & {word.lower() for word in _WORD.findall(part.text)}) for part in found]
        return hits.index(max(hits))
    return 0


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    window = text[start : start + LONGEST + 1]
    for mark in ("; ", ", ", " "):
        at = window.rfind(mark, LONGEST // 2)
        if at > 0:
            return start, start + at
    return start, min(end, start + LONGEST)
