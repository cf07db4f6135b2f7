"""Lays items out on a map: topics that are alike stand near each other, each topic's items fill a disc around it.

Where a topic stands follows from how far its middle is from the others' (metric multidimensional scaling by SMACOF
from where the topics' words point; Borg and Groenen, Modern Multidimensional Scaling, 2005, chapter 8). Inside a disc
an item is the further out the less it belongs to its topic, on the side where others in the same words stand.
Items of no topic stand in a thin ring around the topic they are nearest to.

Stable: the same items give the same map, and where the topics stay the same a few more items move the others little.
No chance anywhere: where topics start, and on which side of its topic an item stands, follows from the words alone
(`Vocabulary.compass`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[Any]

RING = (1.12, 1.5)
"""Where the items of no topic stand, in radii of the topic's disc."""
_ROUNDS = 300
_APART = 1.25
"""Least distance between two topics, in sums of their radii."""
_ANCHORED = 0.3
"""How strongly a topic is held where its words point, against the distances to the others."""
_STEP = 1.15
"""The scale of the map changes by such steps only."""
_MARGIN = 0.03
_DIGITS = 4


def layout(vectors: Matrix, topics: Sequence[Sequence[int]], compass: Matrix) -> dict[int, tuple[float, float]]:
    """Return where rows stand, between 0 and 1 on both axes; rows of zeros stand nowhere.

    Args:
        vectors: One row per item, of length 1 or zeros.
        topics: The rows of each topic, closest to its middle first.
        compass: Two numbers per row that follow from the item's words alone.
    """
    import numpy as np  # noqa: PLC0415

    if not topics:
        return {}
    middles = np.array([vectors[list(rows)].mean(axis=0) for rows in topics])
    sizes = np.array([len(rows) for rows in topics], dtype=float)
    pointing = np.array([compass[list(rows)].mean(axis=0) for rows in topics])
    radii = np.sqrt(sizes / sizes.sum())
    centres = _spread_out(middles, pointing - pointing.mean(axis=0), radii)
    spots: dict[int, Matrix] = {}
    for number, rows in enumerate(topics):
        share = np.sqrt((np.arange(len(rows)) + 0.5) / len(rows))
        around = _around(compass[list(rows)] - compass[list(rows)].mean(axis=0), share * radii[number])
        spots.update(zip(rows, centres[number] + around, strict=True))
    for number, rows in _strays(vectors, topics, middles).items():
        inner, outer = RING
        share = np.sqrt(inner**2 + (outer**2 - inner**2) * (np.arange(len(rows)) + 0.5) / len(rows))
        around = _around(compass[rows] - compass[list(topics[number])].mean(axis=0), share * radii[number])
        spots.update(zip(rows, centres[number] + around, strict=True))
    return _fitted(spots)


def _spread_out(middles: Matrix, start: Matrix, radii: Matrix) -> Matrix:
    """Return the topics' places: as far apart as their words, and never so near that discs overlap."""
    import numpy as np  # noqa: PLC0415

    count = len(middles)
    if count == 1:
        return np.zeros((1, 2))
    lengths = np.maximum(np.linalg.norm(middles, axis=1), 1e-9)
    likeness = np.clip(middles @ middles.T / np.outer(lengths, lengths), -1, 1)
    least = _APART * (radii[:, None] + radii[None, :])
    wanted = least * (1 + 0.6 * (1 - likeness))
    np.fill_diagonal(wanted, 0)
    # Near ones weigh more: who is whose neighbour is what a map is read for.
    weights = 1 / np.maximum(wanted, 1e-9) ** 2
    np.fill_diagonal(weights, 0)
    # Each topic is drawn to where its words point: without, there are many maps as good as each other, and a few more
    # items tip one into another.
    anchors = start / max(float(np.sqrt((start**2).sum(axis=1).mean())), 1e-9) * np.sqrt((wanted**2).mean() / 2)
    pull = _ANCHORED * weights.sum() / count
    laplacian = np.diag(weights.sum(axis=1)) - weights
    inverse = np.linalg.inv(laplacian + pull * np.eye(count))
    # Topics at the same place would stay there: a start on a circle, in order of size, sets them apart.
    turn = 2 * np.pi * np.arange(count) / count
    centres = anchors + 1e-3 * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(_ROUNDS):
        apart = np.linalg.norm(centres[:, None] - centres[None, :], axis=2)
        ratio = np.where(apart > 1e-9, weights * wanted / np.maximum(apart, 1e-9), 0)
        centres = inverse @ ((np.diag(ratio.sum(axis=1)) - ratio) @ centres + pull * anchors)
    for _ in range(_ROUNDS):
        between = centres[:, None] - centres[None, :]
        apart = np.linalg.norm(between, axis=2)
        short = np.maximum(least - apart, 0)
        np.fill_diagonal(short, 0)
        if short.max() < 1e-6:
            break
        push = between / np.maximum(apart, 1e-9)[:, :, None] * short[:, :, None]
        centres = centres + 0.5 * push.sum(axis=1)
    result: Matrix = centres
    return result


def _around(pointing: Matrix, distances: Matrix) -> Matrix:
    """Return offsets at the given distances, evenly all around, in the order of the directions of `pointing`."""
    import numpy as np  # noqa: PLC0415

    raw = np.arctan2(pointing[:, 1], pointing[:, 0]).round(6)
    order = np.argsort(raw, kind="stable")
    angles = np.empty(len(raw))
    angles[order] = 2 * np.pi * (np.arange(len(raw)) + 0.5) / max(len(raw), 1) - np.pi
    offsets: Matrix = np.column_stack([np.cos(angles), np.sin(angles)]) * np.asarray(distances)[:, None]
    return offsets


def _strays(vectors: Matrix, topics: Sequence[Sequence[int]], middles: Matrix) -> dict[int, list[int]]:
    """Return the rows of no topic by the topic that they are nearest to, nearest first."""
    import numpy as np  # noqa: PLC0415

    inside = np.zeros(len(vectors), dtype=bool)
    inside[[row for rows in topics for row in rows]] = True
    said = np.linalg.norm(vectors, axis=1) > 0
    loose = np.flatnonzero(~inside & said)
    likeness = vectors[loose] @ (middles / np.maximum(np.linalg.norm(middles, axis=1, keepdims=True), 1e-9)).T
    found: dict[int, list[tuple[float, int]]] = {}
    for row, scores in zip(loose, likeness, strict=True):
        nearest = int(scores.argmax())
        found.setdefault(nearest, []).append((-round(float(scores[nearest]), 6), int(row)))
    return {number: [row for _, row in sorted(rows)] for number, rows in sorted(found.items())}


def _fitted(spots: dict[int, Matrix]) -> dict[int, tuple[float, float]]:
    """Return the spots inside the unit square, in the middle of it, with the proportions that they have."""
    import numpy as np  # noqa: PLC0415

    every = np.array(list(spots.values()))
    # In steps and about a middle that one outlying topic does not move: a few more items must not stretch the whole.
    reach = max(float(np.abs(every).max()), 1e-9)
    reach = _STEP ** math.ceil(math.log(reach, _STEP) - 1e-9)
    placed = np.clip(every * (0.5 - _MARGIN) / reach + 0.5, 0, 1)
    return {
        row: (round(float(x), _DIGITS), round(float(y), _DIGITS)) for row, (x, y) in zip(spots, placed, strict=True)
    }
