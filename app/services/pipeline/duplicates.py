"""Finds items that repeat an earlier one, word for word or nearly.

Two texts are near-duplicates when the Jaccard similarity of their sets of two-word shingles is at least 0.8. The
candidates come from prefix filtering (Chaudhuri, Ganti, Kaushik 2006, https://doi.org/10.1109/ICDE.2006.9): with all
shingles in one global order, two sets that similar must share one of their first ⌊0.2·n⌋+1. So, unlike MinHash, nothing
is missed by bad luck, and every candidate is verified.

"Thanks!" from forty people is forty voices and not forty copies: a text under ten words repeats another only when the
same author wrote it in the same thread (a double post).
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from zlib import crc32

SIMILARITY = 0.8
"""Least Jaccard similarity of shingle sets."""
SHINGLE_WORDS = 2
SHORT_WORDS = 10
"""Texts with fewer words are compared as a whole, and only within one author's words in one thread."""

_BUCKET = 64
"""Items kept per shingle. A flood of texts that share one phrase must not make every look-up slow; what is beyond this
many texts with the same phrase and yet unlike all of them is no near-duplicate worth finding."""
_WORD = re.compile(r"https?://\S+|[^\W_]+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What is compared of a text."""

    exact: bytes
    """Hash of the words, without case, punctuation and white space."""
    words: int
    shingles: frozenset[int]
    """Empty for short texts."""


def fingerprint(text: str) -> Fingerprint:
    """Return what is compared of `text`; case, punctuation, white space and Unicode form do not count."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    exact = blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12).digest()
    if len(words) < SHORT_WORDS:
        return Fingerprint(exact, len(words), frozenset())
    encoded = [word.encode("utf-8", "surrogatepass") for word in words]
    shingles = frozenset(
        crc32(b" ".join(encoded[start : start + SHINGLE_WORDS])) for start in range(len(words) - SHINGLE_WORDS + 1)
    )
    return Fingerprint(exact, len(words), shingles)


class DuplicateIndex:
    """Remembers the originals, and says of a new text which of them it repeats."""

    def __init__(self) -> None:
        self._exact: dict[tuple[bytes, str, str], str] = {}
        self._shingles: dict[str, frozenset[int]] = {}
        self._buckets: defaultdict[int, list[str]] = defaultdict(list)

    def find(self, mark: Fingerprint, *, author: str | None, thread: str) -> str | None:
        """Return the id of the original that a text repeats, or None.

        Args:
            mark: Fingerprint of the text.
            author: Who wrote it; None when the account is gone.
            thread: Where it was written.
        """
        if not mark.words:
            return None
        same = self._exact.get(self._key(mark, author, thread))
        if same is not None or not mark.shingles:
            return same
        candidates = dict.fromkeys(
            identifier for shingle in _prefix(mark.shingles) for identifier in self._buckets.get(shingle, ())
        )
        size = len(mark.shingles)
        best: tuple[float, str] | None = None
        for identifier in candidates:
            other = self._shingles[identifier]
            if not SIMILARITY * size <= len(other) <= size / SIMILARITY:
                continue
            shared = len(mark.shingles & other)
            similarity = shared / (size + len(other) - shared)
            # ">" keeps the earliest of equally similar ones: buckets are in the order of arrival.
            if similarity >= SIMILARITY and (best is None or similarity > best[0]):
                best = (similarity, identifier)
        return best[1] if best else None

    def add(self, identifier: str, mark: Fingerprint, *, author: str | None, thread: str) -> None:
        """Remember an original under its id; the first one with the same words stays the original."""
        if not mark.words:
            return
        self._exact.setdefault(self._key(mark, author, thread), identifier)
        if not mark.shingles or identifier in self._shingles:
            return
        self._shingles[identifier] = mark.shingles
        for shingle in _prefix(mark.shingles):
            bucket = self._buckets[shingle]
            if len(bucket) < _BUCKET:
                bucket.append(identifier)

    @staticmethod
    def _key(mark: Fingerprint, author: str | None, thread: str) -> tuple[bytes, str, str]:
        return (mark.exact, "", "") if mark.words >= SHORT_WORDS else (mark.exact, author or "", thread)


def _prefix(shingles: frozenset[int]) -> list[int]:
    # ⌊(1-t)·n⌋+1; the hash value is the global order.
    return sorted(shingles)[: int((1 - SIMILARITY) * len(shingles) + 1e-9) + 1]
