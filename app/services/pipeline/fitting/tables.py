"""From hashed n-grams to a matrix that scikit-learn fits, and back to the table that is shipped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from app.services.pipeline.linear_model import Floats, Table
from app.services.pipeline.text_features import Grams


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a JSON-lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def count(kinds: Sequence[Grams], texts: int, bits: int) -> sparse.csr_matrix:
    """Return how often each text has an n-gram of each bucket."""
    rows = np.concatenate([grams.text for grams in kinds])
    columns = np.concatenate([(grams.hashes >> np.uint64(64 - bits)).astype(np.int64) for grams in kinds])
    counted = sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(texts, 1 << bits))
    counted.sum_duplicates()
    return counted


def rarity(counted: sparse.csr_matrix, least: int) -> Floats:
    """Return log((1 + texts) / (1 + texts with it)) + 1 of each bucket; 0 for those that fewer than `least` have."""
    having = np.asarray((counted > 0).sum(axis=0)).ravel()
    return np.asarray((np.log((1 + counted.shape[0]) / (1 + having)) + 1) * (having >= least))


def telling(counted: sparse.csr_matrix, labels: NDArray[np.int64], least: int) -> Floats:
    """Return how much each bucket leans to one label.

    It is the largest absolute log-count ratio of one label against the rest (https://aclanthology.org/P12-2018/); 0 for
    buckets that fewer than `least` texts have.
    """
    present = counted > 0
    having = np.asarray(present.sum(axis=0)).ravel().astype(np.float64)
    ratios = []
    for label in np.unique(labels):
        inside = np.asarray(present[labels == label].sum(axis=0)).ravel() + 1.0
        outside = having + 2 - inside
        ratios.append(np.abs(np.log((inside / inside.sum()) / (outside / outside.sum()))))
    return np.asarray(np.max(ratios, axis=0) * (having >= least))


def weighted(counted: sparse.csr_matrix, importance: Floats) -> sparse.csr_matrix:
    """Return counts times importance, each text divided by √Σ count · importance², as `Table.total` does."""
    norms = np.sqrt(np.maximum(np.asarray(counted @ importance**2).ravel(), 1e-9))
    return sparse.csr_matrix(sparse.diags(1 / norms) @ counted @ sparse.diags(importance))


def table(importance: Floats, coefficients: Floats) -> Table:
    """Return the shipped table.

    Args:
        importance: Of each bucket.
        coefficients: One row per output, one column per bucket.
    """
    columns = np.column_stack([*(coefficients * importance), importance**2])
    scales = np.abs(columns).max(axis=0) / 32_000
    return Table(np.round(columns / scales).astype(np.int16), scales)


def save(path: Path, arrays: dict[str, NDArray[Any]]) -> int:
    """Write a model; returns its size in bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, allow_pickle=False, **arrays)
    return path.stat().st_size
