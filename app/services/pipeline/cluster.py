"""Groups items that speak of the same thing, and names the groups by the words that set them apart.

words ──TF-IDF──▶ vectors ──SVD──▶ 64 numbers each ──k-means──▶ groups ──merge alike, drop loose──▶ topics ──▶ names

Deterministic: the same items give the same topics in any order, on one thread, whatever ran before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.services.pipeline.embeddings import Embedder, Vocabulary, corpus_vectors, unit
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.layout import layout
from app.services.pipeline.records import Record, TopicFound
from app.services.pipeline.topic_names import READ, Phrases, topic_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

SMALLEST = 4
"""Items that make a topic; in larger sets 0.4 % of them."""
CLOSE = 0.3
"""Least cosine between an item and the middle of its topic (after SVD); further off it belongs to none."""
ALIKE = 0.55
"""Cosine between two groups' middles from which they are one topic."""
THREAD_PULL = 0.8
"""How far an item moves towards the middle of its thread, as a share of that middle's length."""
_TERMS = 8


def group_count(items: int) -> int:
    """Return how many groups k-means starts with: √(items / 4) and up to 8 more, from 2 to 48.

    More than there are topics, on purpose: merging two halves of a topic is safe, splitting a lump is not. A thousand
    items speak of nearly as many subjects as ten thousand do, hence the 8 (docs/quality.md, small analyses).
    """
    return max(2, min(48, round(math.sqrt(items / 4) + min(8, items / 60))))


@dataclass(frozen=True, slots=True)
class Clustering:
    """The topics, and where each item stands on the map."""

    topics: list[TopicFound]
    """The largest first."""
    places: dict[str, tuple[float, float]]
    """Item id → (x, y), 0 to 1. Items that say nothing have none, nor has any item when there is no topic."""


def cluster(records: Sequence[Record], *, seed: int = 0, embedder: Embedder = corpus_vectors) -> Clustering:
    """Return the topics of `records` and the map; items that fit nowhere belong to no topic.

    Args:
        records: Cleaned and scored items, without spam, duplicates and unscored languages.
        seed: For k-means and the vectors.
        embedder: Makes the vectors.
    """
    voices = {record.id: record for record in records if not record.removed and not speaks_to_machines(record.text)}
    ordered = sorted(voices.values(), key=lambda item: item.id)
    if len(ordered) < SMALLEST:
        return Clustering([], {})
    texts = [record.text for record in ordered]
    vocabulary = Vocabulary(texts, [record.language for record in ordered])
    if not vocabulary.matrix.shape[1]:
        return Clustering([], {})
    # Here and not above: scikit-learn takes 0.8 s and 137 MB, and starts threads.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415

    with threadpool_limits(limits=1):
        vectors = _lean_on_threads(embedder(texts, vocabulary, seed=seed), [record.thread for record in ordered])
        labels = _group(vectors, seed)
        labels, closeness = _tidy(vectors, labels)
        topics = _topics(ordered, vocabulary, labels, closeness)
        at = {record.id: place for place, record in enumerate(ordered)}
        spots = layout(vectors, [[at[item] for item in topic.item_ids] for topic in topics], vocabulary.compass())
    places = {ordered[row].id: spot for row, spot in spots.items()}
    return Clustering(topics, places)


def _lean_on_threads(reduced: Matrix, threads: list[str]) -> Matrix:
    """Move each item a little towards the middle of its thread: an answer is about what it answers."""
    import numpy as np  # noqa: PLC0415

    _, place = np.unique(np.array(threads), return_inverse=True)
    sums = np.zeros((int(place.max()) + 1, reduced.shape[1]), dtype=reduced.dtype)
    np.add.at(sums, place, reduced)
    middles = sums / np.bincount(place)[:, None]
    said = np.linalg.norm(reduced, axis=1, keepdims=True) > 0
    return unit(np.where(said, reduced + THREAD_PULL * middles[place], 0))


def _group(reduced: Matrix, seed: int) -> Matrix:
    import numpy as np  # noqa: PLC0415
    from sklearn.cluster import KMeans  # noqa: PLC0415

    different = len(np.unique(reduced.round(5), axis=0))
    groups = min(group_count(len(reduced)), different)
    if groups < 2:
        return np.zeros(len(reduced), dtype=int)
    labels: Matrix = KMeans(groups, n_init=3, max_iter=100, random_state=seed).fit_predict(reduced)
    return labels


@dataclass(frozen=True, slots=True)
class _Middles:
    numbers: list[int]
    vectors: Matrix


def _middles(reduced: Matrix, labels: Matrix) -> _Middles:
    import numpy as np  # noqa: PLC0415

    numbers = sorted({int(label) for label in labels if label >= 0})
    means = np.array([reduced[labels == number].mean(axis=0) for number in numbers])
    return _Middles(numbers, means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9))


def _tidy(reduced: Matrix, labels: Matrix) -> tuple[Matrix, Matrix]:
    """Merge groups that are alike, then leave out what is far from the middle of its group."""
    import numpy as np  # noqa: PLC0415

    while True:
        middles = _middles(reduced, labels)
        likeness = middles.vectors @ middles.vectors.T
        np.fill_diagonal(likeness, -1)
        first, second = np.unravel_index(int(likeness.argmax()), likeness.shape)
        if likeness[first, second] < ALIKE:
            break
        labels = np.where(labels == middles.numbers[int(second)], middles.numbers[int(first)], labels)
    place = {number: at for at, number in enumerate(middles.numbers)}
    closeness = np.array(
        [float(row @ middles.vectors[place[int(label)]]) for row, label in zip(reduced, labels, strict=True)]
    )
    return np.where(closeness >= CLOSE, labels, -1), closeness


def _topics(records: list[Record], vocabulary: Vocabulary, labels: Matrix, closeness: Matrix) -> list[TopicFound]:
    smallest = max(SMALLEST, round(0.004 * len(records)))
    members: dict[int, list[int]] = {}
    for at, label in enumerate(labels):
        if label >= 0:
            members.setdefault(int(label), []).append(at)
    kept = [
        sorted(found, key=lambda at: (-round(float(closeness[at]), 6), records[at].id)) for found in members.values()
    ]
    kept = [found for found in kept if len(found) >= smallest]
    kept.sort(key=lambda found: (-len(found), records[found[0]].id))
    overall = _document_share(vocabulary.matrix)
    phrases = Phrases((records[at].text for found in kept for at in found[:READ]), vocabulary.forms)
    taken: set[str] = set()
    topics = []
    for number, found in enumerate(kept):
        ranked = _distinctive(vocabulary, found, overall)
        name = topic_name(vocabulary, phrases, ranked, taken)
        taken.add(name)
        moods = [mood for at in found if (mood := records[at].sentiment) is not None]
        topics.append(
            TopicFound(
                number=number,
                name=name,
                terms=tuple(_spread(vocabulary, [term for term, _ in ranked])),
                item_ids=tuple(records[at].id for at in found),
                sentiment=round(sum(moods) / len(moods), 4) if moods else None,
            )
        )
    return topics


def _document_share(matrix: Any) -> Matrix:  # noqa: ANN401 - scipy's sparse matrices are untyped
    import numpy as np  # noqa: PLC0415

    share: Matrix = np.asarray((matrix > 0).mean(axis=0)).ravel()
    return share


def _distinctive(vocabulary: Vocabulary, found: list[int], overall: Matrix) -> list[tuple[str, float]]:
    """Return terms with their share of the topic's items, by how much they tell of it: share · log(share / overall)."""
    import numpy as np  # noqa: PLC0415

    share = _document_share(vocabulary.matrix[found])
    weight = share * np.log(np.maximum(share, 1e-9) / np.maximum(overall, 1e-9) + 0.01)
    best = sorted(range(len(weight)), key=lambda at: (-round(float(weight[at]), 9), vocabulary.terms[at]))[:40]
    ranked = [(vocabulary.terms[at], float(share[at])) for at in best if share[at] > 0]
    # In a topic that is the whole set no term stands out: then the most frequent ones.
    return ranked or [(term, 0.0) for term in vocabulary.terms[:1]]


def _spread(vocabulary: Vocabulary, terms: list[str]) -> list[str]:
    """Return up to 8 terms, none of them part of a stronger pair."""
    chosen: list[str] = []
    for term in terms:
        if not any(term in other.split(" ") or other in term.split(" ") for other in chosen):
            chosen.append(term)
        if len(chosen) == _TERMS:
            break
    return [vocabulary.written(term) for term in chosen]
