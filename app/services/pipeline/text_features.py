"""Hashed n-grams of many texts at once: what the fitted models look at.

texts ──codes──▶ one row of code points ──rolling hash──▶ hash of any stretch in one subtraction
                                        ├─▶ characters, n at a time, never across two texts
                                        └─▶ words and pairs of words; after a negation until the next stop, other words

The hash of a stretch is its polynomial over the integers modulo 2^64, so a prefix sum gives every stretch at once
(https://en.wikipedia.org/wiki/Rolling_hash#Polynomial_rolling_hash), scrambled by the finisher of SplitMix64
(https://doi.org/10.1145/2714064.2660195). It depends on the characters alone: not on the machine, the process, the
order of the texts or what else is in the batch.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_NEGATED = np.uint64(0x5851F42D4C957F2D)
_PAIR = np.uint64(0xD6E8FEB86659FD93)
_PLANE = 0x10000
_SPACE, _WORD, _STOP, _SIGN = range(4)

NEGATIONS = (
    "not", "no", "never", "none", "nothing", "nobody", "neither", "nor", "nowhere", "cannot", "cant", "can't", "dont",
    "don't", "doesnt", "doesn't", "didnt", "didn't", "wont", "won't", "isnt", "isn't", "wasnt", "wasn't", "arent",
    "aren't", "weren't", "wouldnt", "wouldn't", "couldnt", "couldn't", "shouldnt", "shouldn't", "hasn't", "haven't",
    "hadn't", "ain't", "aint", "without", "hardly", "barely", "lack", "lacks",
)  # fmt: skip
"""After one of these, words count as negated up to the next stop (as in https://doi.org/10.1613/jair.4272, §5.2)."""


@dataclass(frozen=True, slots=True)
class Grams:
    """Hashed n-grams of a batch, by text."""

    hashes: Hashes
    text: Places
    """Index of the text that each belongs to, ascending within each kind of n-gram."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words and signs of a batch, in order."""

    hashes: Hashes
    negated: NDArray[np.bool_]
    text: Places
    start: Places
    """Offset in the batch's code points; `Batch.stretch` gives the characters back."""
    end: Places


class Batch:
    """Texts as one row of code points with prefix hashes."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Lay the texts out, each between two spaces.

        Args:
            texts: Normalised as the model wants it (case, links); any characters, also none.
        """
        padded = [f" {text} " for text in texts]
        self.codes = np.frombuffer("".join(padded).encode("utf-32-le", "replace"), np.uint32)
        lengths = np.array([len(part) for part in padded], np.int64)
        self.text = np.repeat(np.arange(len(texts)), lengths)
        powers, self._inverse = _powers(1 << max(12, len(self.codes).bit_length()))
        self._prefix = np.zeros(len(self.codes) + 1, np.uint64)
        np.cumsum(_scramble(self.codes + np.uint64(1)) * powers[: len(self.codes)], out=self._prefix[1:])

    def characters(self, sizes: Sequence[int], *, inside_words: bool = False) -> list[Grams]:
        """Return all n-grams of characters, one entry for each size.

        Args:
            sizes: How many characters each has, at least 1.
            inside_words: Leave out those that cross from one word to the next; a space may stand at either end.
        """
        spaces = np.zeros(len(self.codes) + 1, np.int32)
        np.cumsum(self.codes == 0x20, out=spaces[1:])
        return [self._characters(size, spaces if inside_words else None) for size in sizes]

    def words(self) -> Words:
        """Return runs of letters and digits (with the apostrophe inside), and every other sign by itself."""
        kinds = _kinds()[np.minimum(self.codes, _PLANE)]
        first = kinds != _SPACE
        first[1:] &= (kinds[1:] != _WORD) | (kinds[:-1] != _WORD)
        start = np.flatnonzero(first)
        last = kinds != _SPACE
        last[:-1] &= (kinds[:-1] != _WORD) | (kinds[1:] != _WORD)
        end = np.flatnonzero(last) + 1
        hashes = self._hash(start, end)
        text = self.text[start]
        return Words(hashes, _negated(hashes, text, kinds[start] == _STOP), text, start, end)

    def stretch(self, start: int, end: int) -> str:
        """Return the characters from `start` to `end`."""
        return self.codes[start:end].tobytes().decode("utf-32-le", "replace")

    def _characters(self, size: int, spaces: NDArray[np.int32] | None) -> Grams:
        count = max(0, len(self.codes) - size + 1)
        if not count:
            return Grams(np.zeros(0, np.uint64), np.zeros(0, np.int64))
        # Slices, not places: every n-gram is hashed, then those that cross a bound are left out.
        if spaces is not None and size > 2:  # two spaces stand between texts, so this parts them as well
            within = spaces[size - 1 : size - 1 + count] == spaces[1 : 1 + count]
        else:
            within = self.text[:count] == self.text[size - 1 :]
        hashes = self._prefix[size:] - self._prefix[:count]
        hashes *= self._inverse[:count]
        hashes += np.uint64(size)
        return Grams(_scramble(hashes[within]), self.text[:count][within])

    def _hash(self, start: Places, end: Places) -> Hashes:
        stretch: Hashes = (self._prefix[end] - self._prefix[start]) * self._inverse[start]
        return _scramble(stretch + (end - start).astype(np.uint64))


def word_grams(words: Words) -> list[Grams]:
    """Return single words and pairs of neighbours; negated ones differ from the plain."""
    marked = np.where(words.negated, _scramble(words.hashes ^ _NEGATED), words.hashes)
    beside = words.text[1:] == words.text[:-1]
    pairs = _scramble(marked[:-1] * _PAIR + marked[1:])[beside]
    return [Grams(marked, words.text), Grams(pairs, words.text[1:][beside])]


def word_hash(word: str) -> int:
    """Return the hash that `Batch.words` gives one word."""
    return int(Batch([word]).words().hashes[0])


def _negated(hashes: Hashes, text: Places, stop: NDArray[np.bool_]) -> NDArray[np.bool_]:
    place = np.arange(len(hashes))
    negation = np.isin(hashes, _negations())
    last_negation = np.maximum.accumulate(np.where(negation, place, -1))
    stop = stop.copy()
    stop[:1] = True
    stop[1:] |= text[1:] != text[:-1]
    last_stop = np.maximum.accumulate(np.where(stop, place, -1))
    # The negation itself stays as it is; when it opens a text, it stands where the stop stands.
    result: NDArray[np.bool_] = (last_negation >= last_stop) & (last_negation >= 0) & (last_negation < place)
    return result


@cache
def _negations() -> Hashes:
    words = Batch.__new__(Batch)
    Batch.__init__(words, NEGATIONS)  # without Batch.words, which asks for these
    kinds = _kinds()[np.minimum(words.codes, _PLANE)]
    start = np.flatnonzero((kinds == _WORD) & (np.roll(kinds, 1) != _WORD))
    end = np.flatnonzero((kinds == _WORD) & (np.roll(kinds, -1) != _WORD)) + 1
    return np.sort(words._hash(start, end))  # noqa: SLF001 - the same module


@cache
def _powers(length: int) -> tuple[Hashes, Hashes]:
    def series(base: int) -> Hashes:
        values = np.full(length, base, np.uint64)
        values[0] = 1
        return np.multiply.accumulate(values)

    return series(_BASE), series(_INVERSE)


def _scramble(values: Hashes) -> Hashes:
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


@cache
def _kinds() -> NDArray[np.uint8]:
    """Return the kind of each code point of the first plane; the last entry stands for all above (emoji)."""
    kinds = np.full(_PLANE + 1, _SIGN, np.uint8)
    for code in range(_PLANE):
        category = unicodedata.category(chr(code))
        if category[0] in "LNM" or code in {0x27, 0x2019, 0x5F}:
            kinds[code] = _WORD
        elif category[0] in "ZC":
            kinds[code] = _SPACE
    kinds[[ord(sign) for sign in ".,!?;:"]] = _STOP
    return kinds
