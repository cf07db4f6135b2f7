"""Fitted linear models as plain arrays: loading, and adding up the weights of hashed n-grams.

A model is one compressed `.npz` of numbers, without pickle. Weights are 16-bit integers with one scale per column, so a
sum is exact: it is the same on every machine and whatever else is in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.services.pipeline.text_features import Grams

Floats = NDArray[np.float64]
MODELS = "app.services.pipeline.models"
"""The package that holds the fitted files."""


@dataclass(frozen=True, slots=True)
class Table:
    """Weights of one kind of n-gram, by the upper bits of its hash."""

    weights: NDArray[np.int16]
    """One row per bucket; the last column is the squared importance, by which a text's sum is normalised."""
    scales: Floats
    """What 1 in each column is worth."""

    def buckets(self, grams: Grams) -> NDArray[np.int64]:
        """Return the row of each n-gram."""
        bits = len(self.weights).bit_length() - 1
        return (grams.hashes >> np.uint64(64 - bits)).astype(np.int64)

    def total(self, kinds: Sequence[Grams], texts: int) -> Floats:
        """Return for each text its weights' sum over the root of its importances' sum, one column per weight."""
        sums = np.zeros((texts, self.weights.shape[1]), np.int64)
        for grams in kinds:
            if len(grams.text):
                edges = np.searchsorted(grams.text, np.arange(texts + 1))
                some = np.flatnonzero(edges[1:] > edges[:-1])
                found = self.weights.take(self.buckets(grams), axis=0)
                sums[some] += np.add.reduceat(found, edges[some], axis=0, dtype=np.int64)
        real = sums * self.scales
        return np.asarray(real[:, :-1] / np.sqrt(np.maximum(real[:, -1:], 1e-9)))

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return the arrays to store, for `read_table`."""
        return {f"{name}_weights": self.weights, f"{name}_scales": self.scales}


def read_table(stored: dict[str, NDArray[Any]], name: str) -> Table:
    """Return a table from the arrays of a model."""
    return Table(stored[f"{name}_weights"], stored[f"{name}_scales"])


def read_arrays(name: str) -> dict[str, NDArray[Any]]:
    """Return the arrays of a shipped model; about 30 ms."""
    with files(MODELS).joinpath(f"{name}.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
        return dict(stored.items())
