"""Fits the sentiment model: `python -m app.services.pipeline.fitting.sentiment --input sentiment_train.jsonl`.

Logistic regression over three labels, each weighing the same (https://scikit-learn.org/stable/modules/linear_model.html).
Repeatable: the same input gives the same file.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from app.services.pipeline import models, sentiment_model
from app.services.pipeline.fitting import tables
from app.services.pipeline.sentiment_model import CHARACTER_WEIGHT, DENSE_WEIGHT, LABELS, WORD_WEIGHT

BITS = 18
LEAST = 3
"""Texts that must have an n-gram, so that it counts."""
STRENGTH = 0.15
"""Inverse of the regularisation."""


def fit(rows: list[dict[str, str]], output: Path) -> int:
    """Fit to rows with `text` and `label`, and write the model; returns its size in bytes."""
    signals = sentiment_model.read_signals([row["text"] for row in rows])
    labels = np.array([LABELS.index(row["label"]) for row in rows])
    parts, importances = [], []
    for kinds, weight in ((signals.characters, CHARACTER_WEIGHT), (signals.words, WORD_WEIGHT)):
        counted = tables.count(kinds, len(rows), BITS)
        importance = np.sqrt(tables.telling(counted, labels, LEAST) * tables.rarity(counted, LEAST))
        parts.append(tables.weighted(counted, importance) * weight)
        importances.append(importance)
    middle, spread = signals.lexicon.mean(axis=0), signals.lexicon.std(axis=0) / DENSE_WEIGHT
    dense = sparse.csr_matrix((signals.lexicon - middle) / spread)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=300, tol=1e-4)
    model.fit(sparse.hstack([*parts, dense], format="csr", dtype=np.float32), labels)

    coefficients = model.coef_.astype(np.float64)[[0, 2]] - model.coef_.astype(np.float64)[[1]]
    buckets = 1 << BITS
    lexicon = (coefficients[:, 2 * buckets :] / spread).T
    bias = model.intercept_[[0, 2]] - model.intercept_[1] - middle @ lexicon
    characters = tables.table(importances[0], coefficients[:, :buckets] * CHARACTER_WEIGHT)
    words = tables.table(importances[1], coefficients[:, buckets : 2 * buckets] * WORD_WEIGHT)
    return tables.save(
        output, {**characters.arrays("characters"), **words.arrays("words"), "lexicon": lexicon, "bias": bias}
    )


def main() -> None:
    """Read the arguments and fit."""
    parser = argparse.ArgumentParser(description="Fit the sentiment model.")
    parser.add_argument("--input", type=Path, required=True, help="JSON lines with text and label")
    parser.add_argument("--output", type=Path, default=Path(models.__file__).parent / "sentiment.npz")
    wanted = parser.parse_args()
    size = fit(list(tables.read(wanted.input)), wanted.output)
    sys.stdout.write(f"{wanted.output}: {size:,} bytes\n")


if __name__ == "__main__":
    main()
