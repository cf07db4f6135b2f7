"""Turns items into vectors that are close when the items speak of the same thing.

One interface, so that topics and the map do not know where the numbers come from: fitted on the corpus itself
(`corpus_vectors`, which needs nothing but the items), or word vectors from elsewhere (`wordllama_vectors`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol

from app.services.pipeline.prose import own_words
from app.services.pipeline.stop_words import OTHER_LANGUAGES, STOP_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

DIMENSIONS = 64
_FEATURES = 6_000
_READ = 3_000
"""Characters read of an item."""
_WORD = re.compile(r"[^\W\d_](?:[\w]|['\u2019\-](?=\w))*")


class Embedder(Protocol):
    """Makes vectors of items: deterministic, and the same whatever order the items come in."""

    def __call__(self, texts: Sequence[str], vocabulary: Vocabulary, *, seed: int) -> Matrix:
        """Return one row per text, of length 1; of zeros when the text says nothing that can be told apart.

        Args:
            texts: What the items say.
            vocabulary: The same texts' terms, for what is fitted on the corpus.
            seed: Of all chance.
        """


def corpus_vectors(texts: Sequence[str], vocabulary: Vocabulary, *, seed: int) -> Matrix:
    """Return the `DIMENSIONS` strongest directions of the corpus's own TF-IDF matrix (latent semantic analysis)."""
    del texts
    import numpy as np  # noqa: PLC0415
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415

    matrix = vocabulary.matrix
    dimensions = min(DIMENSIONS, matrix.shape[1] - 1, matrix.shape[0] - 1)
    if dimensions < 2:
        dense: Matrix = matrix.toarray()
    else:
        with np.errstate(invalid="ignore", divide="ignore"):  # identical items have no variance to explain
            dense = TruncatedSVD(dimensions, n_iter=4, random_state=seed).fit_transform(matrix)
    return unit(dense)


def unit(vectors: Matrix) -> Matrix:
    """Return the rows at length 1; rows of (almost) nothing become zeros."""
    import numpy as np  # noqa: PLC0415

    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Matrix = np.where(norms > 1e-6, vectors / np.maximum(norms, 1e-6), 0)
    return result


class Vocabulary:
    """The items' terms: stems of words and of pairs of neighbours, with the form in which they are mostly written."""

    def __init__(self, texts: Sequence[str], languages: Sequence[str | None] | None = None) -> None:
        """Count the terms of the texts; `matrix` has a row for each, and no column when no term is common enough.

        Args:
            texts: What the items say.
            languages: Of each text, ISO 639-1; English when not given.
        """
        from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

        self.forms: dict[str, Counter[str]] = {}
        by_language = {language: STOP_WORDS | words for language, words in OTHER_LANGUAGES.items()}
        documents = [
            self._terms(text, by_language.get(language or "", STOP_WORDS))
            for text, language in zip(texts, languages or [None] * len(texts), strict=True)
        ]
        least = 2 if len(texts) < 500 else max(3, len(texts) // 1500)
        frequency = Counter(term for terms in documents for term in set(terms))
        # A term of more than a third of all items tells none of them apart; in small sets most terms are that common.
        most = max(len(texts) * 0.35, 40)
        kept = sorted(
            sorted(term for term, count in frequency.items() if least <= count <= most),
            key=lambda term: -frequency[term],
        )[:_FEATURES]
        if not kept:
            kept = sorted(term for term, count in frequency.items() if count >= least)[:_FEATURES]
        self.terms: list[str] = sorted(kept)
        if not self.terms:
            import numpy as np  # noqa: PLC0415

            self.matrix: Any = np.zeros((len(texts), 0))
            return
        vectorizer = TfidfVectorizer(
            analyzer=list, vocabulary={term: place for place, term in enumerate(self.terms)}, sublinear_tf=True
        )
        self.matrix = vectorizer.fit_transform(documents).astype("float32")

    def _terms(self, text: str, stops: frozenset[str]) -> list[str]:
        terms: list[str] = []
        previous = ""
        for word in _WORD.findall(own_words(text[:_READ]).lower()):
            if word in stops or len(word) < 3:
                previous = ""
                continue
            term = stem(word)
            self.forms.setdefault(term, Counter())[word] += 1
            terms.append(term)
            if previous and previous != term:
                terms.append(f"{previous} {term}")
            previous = term
        return terms

    def written(self, term: str) -> str:
        """Return a term in the form in which its words are mostly written."""
        return " ".join(
            min(self.forms[word].items(), key=lambda form: (-form[1], form[0]))[0] for word in term.split(" ")
        )

    def compass(self) -> Matrix:
        """Return two numbers per text that follow from its words alone, whatever else is in the corpus.

        Each term points in a direction that its letters fix; a text points where its terms do. A map that is turned to
        agree with this looks the same way up in every run.
        """
        import numpy as np  # noqa: PLC0415

        angles = [int.from_bytes(sha256(term.encode()).digest()[:4]) / 2**32 * 2 * np.pi for term in self.terms]
        pointing: Matrix = self.matrix @ np.column_stack([np.cos(angles), np.sin(angles)])
        return pointing


def stem(word: str) -> str:
    """Return the singular, roughly: "backups" and "backup" are one term, "address" stays."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
