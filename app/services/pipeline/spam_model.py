"""The fitted half of telling spam: n-grams of characters beside the rules of `spam`, and words for its reasons.

What it was fitted to, and how well it does on what it was not fitted to: `docs/quality.md`.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from app.services.pipeline.linear_model import Floats, Table, read_arrays, read_table
from app.services.pipeline.text_features import Batch, Grams

MODEL = "spam"
CHARACTER_SIZES = (2, 3, 4, 5)
LONGEST = 400
"""Characters: nine in ten texts that it was fitted to are shorter, and of longer ones it knows nothing."""

_REASON_WORDS = 3


@dataclass(frozen=True, slots=True)
class SpamModel:
    """Fitted weights."""

    characters: Table
    rules: Floats
    """One for the rules' score, then one for each rule."""
    bias: float

    def probabilities(self, texts: Sequence[str], rules: Sequence[Sequence[float]]) -> list[float]:
        """Return for each text how likely it is spam.

        Args:
            texts: As collected, at most `LONGEST` characters each, with or without their links.
            rules: For each text the rules' findings, as `spam.rule_columns` gives them.
        """
        total = self.characters.total(read_signals(texts), len(texts))[:, 0] + self.bias
        logits = total + sum(column * weight for column, weight in zip(np.array(rules).T, self.rules, strict=True))
        return [float(value) for value in 1 / (1 + np.exp(-logits))]

    def strongest(self, text: str) -> tuple[str, ...]:
        """Return the words of `text` that speak most for spam, in the order in which they stand there."""
        batch = Batch([normal(text)])
        said = np.zeros(len(batch.codes) + 1)
        for size, grams in zip(CHARACTER_SIZES, batch.characters(CHARACTER_SIZES), strict=True):
            weight = self.characters.weights[self.characters.buckets(grams), 0] / size
            for offset in range(size):  # each character gets its share
                said[offset : offset + len(weight)] += weight
        words = batch.words()
        upto = np.concatenate([[0.0], np.cumsum(said)])
        # By the root of its length: neither one loud letter nor a long, mildly telling link should win.
        weight = (upto[words.end] - upto[words.start]) / np.sqrt(words.end - words.start)
        best = sorted(np.argsort(-weight, kind="stable")[:_REASON_WORDS])
        found = [batch.stretch(words.start[place], words.end[place]) for place in best if weight[place] > 0]
        return tuple(dict.fromkeys(word for word in found if len(word) > 1))


def read_signals(texts: Sequence[str]) -> list[Grams]:
    """Return the n-grams that the model looks at."""
    return Batch([normal(text) for text in texts]).characters(CHARACTER_SIZES)


def normal(text: str) -> str:
    """Return the text in lower case with single spaces; links stay, as they tell much."""
    text = html.unescape(text).lower().replace("\u2019", "'").replace("\ufeff", "")
    return " ".join(text.split())


@cache
def load_model() -> SpamModel:
    """Return the process's one model; the first call takes about 0.1 s."""
    stored = read_arrays(MODEL)
    return SpamModel(read_table(stored, "characters"), stored["rules"], float(stored["bias"]))
