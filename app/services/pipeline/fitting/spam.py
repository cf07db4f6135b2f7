"""Fits the spam model: `python -m app.services.pipeline.fitting.spam --input spam_dev.jsonl`.

Logistic regression on the rules' findings and n-grams of characters. Posts of another kind (`--background`) count as
honest with half the weight of the labelled ones, so that the model does not take every other subject for spam. With
`--leave-one-out` it writes nothing, and prints for each video how a model does that was fitted to the others.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_score, recall_score

from app.services.pipeline import models, spam, spam_model
from app.services.pipeline.fitting import tables
from app.services.pipeline.spam_model import SpamModel

BITS = 16
LEAST = 2
"""Texts that must have an n-gram, so that it counts."""
STRENGTH = 10.0
"""Inverse of the regularisation."""
BACKGROUND = 3_000
BACKGROUND_WEIGHT = 0.25
"""All background together, as a share of the labelled texts' weight."""


def fit(rows: list[dict[str, str]], background: list[str]) -> SpamModel:
    """Return a model fitted to rows with `text` and `label` (`spam` or `ham`) and to honest posts of another kind."""
    texts = [row["text"] for row in rows] + [text[: spam_model.LONGEST] for text in background]
    labels = np.array([row["label"] == "spam" for row in rows] + [False] * len(background))
    weights = np.ones(len(texts))
    weights[len(rows) :] = BACKGROUND_WEIGHT * len(rows) / max(1, len(background))
    counted = tables.count(spam_model.read_signals(texts), len(texts), BITS)
    importance = tables.rarity(counted, LEAST)
    seen = sparse.csr_matrix([spam.rule_columns(text) for text in texts])
    matrix = sparse.hstack([tables.weighted(counted, importance), seen], format="csr")
    fitted = LogisticRegression(C=STRENGTH, max_iter=500).fit(matrix, labels, weights)
    buckets = 1 << BITS
    characters = tables.table(importance, fitted.coef_[:, :buckets])
    return SpamModel(characters, fitted.coef_[0, buckets:], float(fitted.intercept_[0]))


def honest_posts(path: Path) -> list[str]:
    """Return every so many of the posts without a link: whether those are honest nobody has said."""
    posts = [row["text"] for row in tables.read(path) if "http" not in row["text"]]
    return posts[:: max(1, len(posts) // BACKGROUND)][:BACKGROUND]


def leave_one_out(rows: list[dict[str, str]], background: list[str]) -> dict[str, tuple[float, float, float]]:
    """Return precision, recall and F1 on each video of a model fitted to the other videos."""
    return {
        video: _measure([row for row in rows if row["video"] == video], _judge(rows, video, background))
        for video in sorted({row["video"] for row in rows})
    }


def _judge(
    rows: list[dict[str, str]], without: str, background: list[str]
) -> Callable[[list[str]], list[spam.Verdict]]:
    model = fit([row for row in rows if row["video"] != without], background)
    return lambda texts: spam.judge_all(texts, model, under_video=True)


def _measure(
    rows: list[dict[str, str]], judge: Callable[[list[str]], list[spam.Verdict]]
) -> tuple[float, float, float]:
    truth = [row["label"] == "spam" for row in rows]
    found = [verdict.spam for verdict in judge([row["text"] for row in rows])]
    return precision_score(truth, found), recall_score(truth, found), f1_score(truth, found)


def main() -> None:
    """Read the arguments and fit."""
    parser = argparse.ArgumentParser(description="Fit the spam model.")
    parser.add_argument("--input", type=Path, required=True, help="JSON lines with video, text and label")
    parser.add_argument("--background", type=Path, required=True, help="JSON lines with text, of another kind")
    parser.add_argument("--output", type=Path, default=Path(models.__file__).parent / "spam.npz")
    parser.add_argument("--leave-one-out", action="store_true")
    wanted = parser.parse_args()
    rows = list(tables.read(wanted.input))
    background = honest_posts(wanted.background)
    if wanted.leave_one_out:
        found = leave_one_out(rows, background)
        for video, (precision, recall, f1) in found.items():
            sys.stdout.write(f"without {video}: precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}\n")
        sys.stdout.write(f"mean F1 {sum(f1 for _, _, f1 in found.values()) / len(found):.4f}\n")
        return
    model = fit(rows, background)
    size = tables.save(
        wanted.output,
        {**model.characters.arrays("characters"), "rules": model.rules, "bias": np.array(model.bias)},
    )
    sys.stdout.write(f"{wanted.output}: {size:,} bytes\n")


if __name__ == "__main__":
    main()
