r"""Finds hundreds of wordings in one pass over a text, by the words that they can begin with.

A search by alternation tries every wording at every character. Here each stretch between blanks is looked up once, and
only the wordings that can begin in it are tried there: the same finds, ten times sooner. Which words a wording can
begin with is read from its pattern; where a pattern begins with any word (`\w+ or \w+`), the whole alternation is
searched as before, but only in texts that hold the pattern's plain stretches (` or ` and `?`) and its end
(` or \w+\?`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, compress

Span = tuple[int, int]
Fitting = tuple[int, re.Pattern[str]]
"""A kind, and its wordings that can begin with some word."""

_MOST_KNOWN = 50_000
_LONGEST_KNOWN = 40
"""Stretches whose wordings are kept, and their characters; a text of made-up words must not fill the memory."""
_MOST_STARTS = 400
_QUANTIFIER = re.compile(r"[?*+]|\{\d*,?\d*\}")


class Wordings:
    """Patterns of several kinds, found together."""

    def __init__(self, kinds: Mapping[str, Sequence[str]], *, instead: Mapping[str, str] | None = None) -> None:
        r"""Read what each pattern can begin with.

        Args:
            kinds: For each kind its patterns, for lower case, matched from one word bound to another; of those that fit
                at the same place the first wins. They may hold what the patterns in this package hold: no named
                groups, no back references, no flags.
            instead: For a kind, a pattern that stands before all others without word bounds around it; it is searched
                only where its plain stretches occur.
        """
        self._names = tuple(kinds)
        self._wordings: list[_Wording] = []
        self._whole: list[re.Pattern[str]] = []
        self._needles: list[tuple[tuple[str, ...], re.Pattern[str], int]] = []
        """Plain stretches and an end, and the kind that is searched as a whole where all of them occur."""
        for kind, name in enumerate(self._names):
            parts = [part for pattern in kinds[name] for part in _alternatives(pattern)]
            first = (instead or {}).get(name, "")
            self._whole.append(re.compile((f"{first}|" if first else "") + _bound(parts)))
            if first:
                self._needles.append((_plain(first), _end(first), kind))
            for part in parts:
                starts = _starts(part)
                if starts.anything:
                    self._needles.append((_plain(part), _end(part), kind))
                else:
                    self._wordings.append(_Wording(kind, part, starts))
        self._by_word: dict[str, list[int]] = {}
        self._by_head: dict[str, list[int]] = {}
        self._by_digit = [place for place, wording in enumerate(self._wordings) if wording.starts.digits]
        for place, wording in enumerate(self._wordings):
            for word in wording.starts.words | wording.starts.signs:
                self._by_word.setdefault(word, []).append(place)
            for head in wording.starts.heads:
                self._by_head.setdefault(head, []).append(place)
        self._longest_head = max(map(len, self._by_head), default=0)
        signs = "".join(sorted({start[0] for wording in self._wordings for start in wording.starts.signs}))
        self._token = re.compile(r"\w+" + (f"|[{re.escape(signs)}]" if signs else ""))
        self._known: dict[str, tuple[tuple[int, int, re.Pattern[str]], ...]] = {}
        """For a stretch without blanks the places at which wordings can begin, with what fits there."""
        self._compiled: dict[tuple[int, ...], tuple[Fitting, ...]] = {}

    def find(self, text: str, most: int = 1) -> dict[str, list[Span]]:
        """Return for each kind that occurs, in the order of the kinds, its first places; at most `most`, ascending.

        Args:
            text: In lower case.
            most: Of each kind, at least 1.
        """
        found: list[list[Span]] = [[] for _ in self._names]
        after = [0] * len(found)
        for needles, end, kind in self._needles:
            if not after[kind] and all(needle in text for needle in needles) and end.search(text):
                found[kind] = _search(self._whole[kind], text, most)
                after[kind] = len(text) + 1
        stretches = text.split(" ")
        fitting = list(map(self._known.get, stretches))
        if None in fitting:
            fitting = [self._learn(stretches[at]) if some is None else some for at, some in enumerate(fitting)]
        starts = list(accumulate(map(len, stretches), initial=0))
        for at in compress(range(len(fitting)), fitting):
            start = starts[at] + at  # a blank before each but the first
            for offset, kind, pattern in fitting[at] or ():
                place = start + offset
                if after[kind] <= place and (match := pattern.match(text, place)):
                    found[kind].append(match.span())
                    after[kind] = match.end() if len(found[kind]) < most else len(text) + 1
        return {name: spans for name, spans in zip(self._names, found, strict=True) if spans}

    def _learn(self, stretch: str) -> tuple[tuple[int, int, re.Pattern[str]], ...]:
        found = tuple(
            (token.start(), *fitting)
            for token in self._token.finditer(stretch)
            for fitting in self._beginning(token[0])
        )
        if len(stretch) <= _LONGEST_KNOWN:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[stretch] = found
        return found

    def _beginning(self, word: str) -> tuple[Fitting, ...]:
        fitting = set(self._by_word.get(word, ()))
        for length in range(1, min(self._longest_head, len(word)) + 1):
            fitting.update(self._by_head.get(word[:length], ()))
        if word[0].isdecimal():
            fitting.update(self._by_digit)
        places = tuple(sorted(fitting))
        if places not in self._compiled:
            by_kind: dict[int, list[str]] = {}
            for place in places:
                by_kind.setdefault(self._wordings[place].kind, []).append(self._wordings[place].pattern)
            self._compiled[places] = tuple((kind, re.compile(_bound(parts))) for kind, parts in by_kind.items())
        return self._compiled[places]


@dataclass(slots=True)
class _Starts:
    """What a pattern can begin with."""

    words: set[str] = field(default_factory=set)
    """Whole words."""
    heads: set[str] = field(default_factory=set)
    """Beginnings of words."""
    signs: set[str] = field(default_factory=set)
    """Signs that are no letters or digits."""
    digits: bool = False
    """Any number."""

    @property
    def anything(self) -> bool:
        return "" in self.heads


@dataclass(frozen=True, slots=True)
class _Wording:
    kind: int
    pattern: str
    starts: _Starts


def _bound(parts: Sequence[str]) -> str:
    return r"(?<!\w)(?:" + "|".join(parts) + r")(?!\w)"


def _search(pattern: re.Pattern[str], text: str, most: int) -> list[Span]:
    found: list[Span] = []
    start = 0
    while len(found) < most and (match := pattern.search(text, start)):
        found.append(match.span())
        start = match.end()
        if not match[0]:
            break
    return found


def _alternatives(pattern: str) -> list[str]:
    """Cut a pattern at the bars that stand in no group."""
    parts = [""]
    for piece in _pieces(pattern):
        if piece == "|":
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _pieces(pattern: str) -> list[str]:
    """Cut a pattern into single letters, escapes, classes, whole groups, bars and quantifiers."""
    pieces: list[str] = []
    place = 0
    while place < len(pattern):
        end = _piece_end(pattern, place)
        pieces.append(pattern[place:end])
        place = end
    return pieces


def _piece_end(pattern: str, place: int) -> int:
    letter = pattern[place]
    if letter == "\\":
        return place + 2
    if letter == "[":
        end = place + 1
        while pattern[end] != "]" or end == place + 1:
            end += 2 if pattern[end] == "\\" else 1
        return end + 1
    if letter == "(":
        end = place + 1
        while pattern[end] != ")":
            end = _piece_end(pattern, end)
        return end + 1
    quantifier = _QUANTIFIER.match(pattern, place)
    return quantifier.end() if quantifier else place + 1


def _starts(pattern: str) -> _Starts:
    starts = _Starts()
    for part in _alternatives(pattern):
        starts.words |= _walk(part, {""}, starts)  # a wording ends at a word bound
    return starts


def _walk(part: str, going: set[str], starts: _Starts) -> set[str]:
    """Follow one alternative from the beginnings in `going`; return those that reach its end inside their first word.

    Beginnings that are settled on the way go into `starts`: at the end of a word as `words`, at a sign as `signs`, and
    where what follows is not read any further as `heads`.
    """
    pieces = _pieces(part)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        if _QUANTIFIER.fullmatch(piece) or piece.startswith(("(?=", "(?!", "(?<")) or piece in {r"\b", "^"}:
            continue  # read with the piece before it, or only narrows what fits
        if piece == r"\d" and going == {""} and not following.startswith(("?", "*", "{0", "{,")):
            starts.digits = True
            return set()
        once = _once(piece, going, starts)
        if once is None or following.startswith(("*", "+", "{")) or len(once) > _MOST_STARTS:
            starts.heads |= going  # shorter than what could be said, so never too narrow
            return set()
        going = once | going if following == "?" else once
    return going


def _once(piece: str, going: set[str], starts: _Starts) -> set[str] | None:
    """Return the beginnings after one more piece; None when it can be many things."""
    if piece.startswith("(?:"):
        return set().union(*(_walk(part, going, starts) for part in _alternatives(piece[3:-1])))
    if piece.startswith(("[", "(")) or piece == "." or (piece[0] == "\\" and piece[1].isalnum()):
        return None
    letter = piece[-1]
    if letter.isalnum() or letter == "_":
        return {before + letter for before in going}
    starts.words |= going - {""}
    if "" in going:
        starts.signs.add(letter)
    return set()


def _plain(pattern: str) -> tuple[str, ...]:
    """Return the stretches that every text with this pattern holds, the longest first."""
    stretches = [""]
    pieces = _pieces(pattern)
    for piece, following in zip(pieces, [*pieces[1:], ""], strict=True):
        plain = (len(piece) == 1 and piece not in "|.^$?*+") or (len(piece) == 2 and not piece[1].isalnum())
        if plain and not _QUANTIFIER.match(following):
            stretches[-1] += piece[-1]
        else:
            stretches.append("")
    return tuple(sorted({stretch for stretch in stretches if stretch}, key=lambda stretch: (-len(stretch), stretch)))


def _end(pattern: str) -> re.Pattern[str]:
    """Return what stands from the first plain letter on: all that fits the pattern holds it, and it is found sooner."""
    pieces = _pieces(pattern)
    for place, piece in enumerate(pieces):
        following = pieces[place + 1] if place + 1 < len(pieces) else ""
        if len(piece) == 1 and piece not in "|.^$?*+" and not _QUANTIFIER.match(following):
            return re.compile("".join(pieces[place:]))
    return re.compile("")
