"""Fits the sentiment model: `python -m app.services.pipeline.fitting.sentiment --input sentiment_train.jsonl`.

Logistic regression over three labels, each weighing the same (https://scikit-learn.org/stable/modules/linear_model.html).
Repeatable: the same input gives the same file. With `--leave-out 5` it writes nothing, and prints what models reach on
the fifth of the rows that they were not fitted to: first every fifth row, then fifths that stand together.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import recall_score

from app.services.pipeline import models, sentiment_model
from app.services.pipeline.fitting import tables
from app.services.pipeline.sentiment_model import (
    CHARACTER_WEIGHT,
    DENSE_WEIGHT,
    LABELS,
    WORD_WEIGHT,
    SentimentModel,
)

BITS = 18
LEAST = 3
"""Texts that must have an n-gram, so that it counts."""
STRENGTH = 0.15
"""Inverse of the regularisation."""


_TOGETHER = 500


def fit(rows: list[dict[str, str]]) -> SentimentModel:
    """Return a model fitted to rows with `text` and `label`."""
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
    return SentimentModel(characters, words, lexicon, bias)


def left_out(rows: list[dict[str, str]], parts: int, *, together: bool = False) -> float:
    """Return the macro recall over all rows, each judged by a model that was fitted to the other parts.

    Args:
        rows: With `text` and `label`; each label in every part.
        parts: How many.
        together: Each part is a stretch of the rows, which may be alike in time and subject, instead of every so many.
    """
    part = np.arange(len(rows)) * parts // len(rows) if together else np.arange(len(rows)) % parts
    found = np.zeros(len(rows), np.int64)
    for number in range(parts):
        model = fit([rows[place] for place in np.flatnonzero(part != number)])
        found[part == number] = _judge([rows[place]["text"] for place in np.flatnonzero(part == number)], model)
    truth = [LABELS.index(row["label"]) for row in rows]
    return float(recall_score(truth, found, average="macro"))


def _judge(texts: list[str], model: SentimentModel) -> NDArray[np.int64]:
    batches = [texts[start : start + _TOGETHER] for start in range(0, len(texts), _TOGETHER)]
    return np.concatenate([model.probabilities(batch).argmax(axis=1) for batch in batches])


def main() -> None:
    """Read the arguments and fit."""
    parser = argparse.ArgumentParser(description="Fit the sentiment model.")
    parser.add_argument("--input", type=Path, required=True, help="JSON lines with text and label")
    parser.add_argument("--output", type=Path, default=Path(models.__file__).parent / "sentiment.npz")
    parser.add_argument("--leave-out", type=int, metavar="PARTS", help="measure instead, at least 2 parts")
    wanted = parser.parse_args()
    rows = list(tables.read(wanted.input))
    if wanted.leave_out:
        for together, said in ((False, "every so many rows"), (True, "rows that stand together")):
            recall = left_out(rows, wanted.leave_out, together=together)
            sys.stdout.write(f"macro recall, {said} left out: {recall:.4f}\n")
        return
    model = fit(rows)
    size = tables.save(
        wanted.output,
        {
            **model.characters.arrays("characters"),
            **model.words.arrays("words"),
            "lexicon": model.lexicon,
            "bias": model.bias,
        },
    )
    sys.stdout.write(f"{wanted.output}: {size:,} bytes\n")


if __name__ == "__main__":
    main()
