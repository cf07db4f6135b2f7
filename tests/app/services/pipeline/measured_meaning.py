"""Would word vectors answer questions asked in other words? Run it for the figures of docs/quality.md.

What no item covers is looked for by meaning: sentences in the order of BM25 over any of the question's terms and in the
order of their cosine are fused by reciprocal ranks (G. Cormack, C. Clarke, S. Büttcher, 2009,
https://doi.org/10.1145/1571941.1572114), and the three best are cited when the nearest one is near enough.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from app.services.pipeline import wordllama_vectors
from app.services.pipeline.prose import sentences
from app.services.pipeline.quotes import long_enough
from app.services.pipeline.retrieval import Hit
from app.services.pipeline.understanding import Understood, understand
from tests.app.services.pipeline.asked_questions import ANSWERABLE, UNANSWERABLE
from tests.app.services.pipeline.measured_questions import Asked

RANKED = 60
"""The constant of reciprocal rank fusion, as its authors set it."""
CITED = 3
NEAR = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6)
_SMOOTH = 1e-3


class Meaning:
    """The sentences of the talk as vectors, beside its index."""

    def __init__(self, voice: str) -> None:
        self.talk = Asked(voice=voice)
        self._said = [
            (item_id, part.text)
            for item_id, text in self.talk.texts.items()
            for part in sentences(text)[:40]
            if long_enough(part.text)
        ]
        begun = time.process_time()
        self._tokenizer, self._table = wordllama_vectors._load()
        tokens = [self._tokens(text) for _, text in self._said]
        counts = np.bincount(np.concatenate(tokens), minlength=len(self._table))
        self._weight = _SMOOTH / (_SMOOTH + counts / counts.sum())
        rows = np.stack([self._vector(some) for some in tokens])
        self._vectors = _unit(rows - rows.mean(axis=0))
        self.seconds = time.process_time() - begun
        self._of: dict[str, list[int]] = {}
        for place, (item_id, _) in enumerate(self._said):
            self._of.setdefault(item_id, []).append(place)

    def asked(self, text: str) -> tuple[float, bool, list[str]]:
        """Return how near the nearest sentence is, whether every word of the question occurs, and the items cited."""
        question = understand(text, self.talk.known)
        if not question.groups:
            return 0.0, False, []
        words = self._tokens(" ".join(question.words))
        cosines = self._vectors @ _unit(self._vector(words)[None])[0]
        fused: dict[int, float] = {}
        for order in (np.argsort(-cosines)[:200].tolist(), self._by_words(question)):
            for rank, place in enumerate(order):
                fused[place] = fused.get(place, 0.0) + 1 / (RANKED + rank + 1)
        best = sorted(fused, key=lambda place: (-fused[place], place))[:CITED]
        occur = all(self.talk.index.held(question.groups))
        return float(cosines.max()), occur, [self._said[place][0] for place in best]

    def _by_words(self, question: Understood) -> list[int]:
        hits: Sequence[Hit] = self.talk.index.hits(question.groups, least=0.0)[:200]
        return [place for hit in hits for place in self._of.get(hit.item_id, [])[:1]]

    def _tokens(self, text: str) -> Any:
        return np.array(self._tokenizer.encode(text.lower(), add_special_tokens=False).ids, np.int32)

    def _vector(self, tokens: Any) -> Any:
        if not len(tokens):
            return np.zeros(self._table.shape[1], np.float32)
        return self._weight[tokens] @ self._table[tokens] / len(tokens)


def _unit(rows: Any) -> Any:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


def main(voice: str) -> None:
    """Print a line for each threshold."""
    meaning = Meaning(voice)
    talk = meaning.talk
    print(f"voice {voice}: {talk.size:,} items, vectors of their sentences in {meaning.seconds:.1f} s")
    unheard = [(text, topic) for text, topic in ANSWERABLE if not talk.ask(text).found]
    answerable = [(*meaning.asked(text), topic) for text, topic in unheard]
    unanswerable = [meaning.asked(text) for text in UNANSWERABLE]
    for occur in (False, True):
        for near in NEAR:
            shown = [row for row in answerable if row[0] >= near and (row[1] or not occur)]
            cited = [talk.topic_of(item_id) == topic for _, _, items, topic in shown for item_id in items]
            invented = sum(row[0] >= near and (row[1] or not occur) for row in unanswerable)
            only = ", every word occurs" if occur else ""
            print(
                f"cosine {near}{only}: {len(shown)} of {len(unheard)} more answered, {sum(cited)} of {len(cited)} "
                f"citations right, {invented} of {len(unanswerable)} invented"
            )


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "b")
