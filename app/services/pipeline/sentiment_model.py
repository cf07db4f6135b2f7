"""How English texts sound, by the fitted model: characters, words and pairs, and the lexicon, weighed together.

What it was fitted to, and how well it does on what it was not fitted to: `docs/quality.md`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from app.services.pipeline import lexicon
from app.services.pipeline.linear_model import Floats, Table, read_arrays, read_table
from app.services.pipeline.records import Sentiment
from app.services.pipeline.text_features import Batch, Grams, word_grams

MODEL = "sentiment"
LABELS = (Sentiment.NEGATIVE, Sentiment.NEUTRAL, Sentiment.POSITIVE)
CHARACTER_SIZES = (3, 4, 5)
CHARACTER_WEIGHT = WORD_WEIGHT = 1.5
"""By how much n-grams outweigh the lexicon's columns under one regularisation."""
DENSE_WEIGHT = 0.4

_USER = re.compile(r"(?<!\w)(?:@|u/)\w+")
_LINK = re.compile(r"https?\S*|www\.\S+")


@dataclass(frozen=True, slots=True)
class Signals:
    """What the model looks at."""

    characters: list[Grams]
    words: list[Grams]
    lexicon: Floats


@dataclass(frozen=True, slots=True)
class SentimentModel:
    """Fitted weights. Positive and negative are measured against neutral, whose weights are therefore 0."""

    characters: Table
    words: Table
    lexicon: Floats
    """One row per column of the lexicon, one column for negative, one for positive."""
    bias: Floats

    def probabilities(self, texts: Sequence[str]) -> Floats:
        """Return for each text the probabilities of `LABELS`.

        Args:
            texts: English, without code and quoted lines.
        """
        signals = read_signals(texts)
        against_neutral = (
            self.characters.total(signals.characters, len(texts))
            + self.words.total(signals.words, len(texts))
            # Column by column, as a matrix product may round differently in another batch.
            + sum(signals.lexicon[:, [column]] * weights for column, weights in enumerate(self.lexicon))
            + self.bias
        )
        logits = np.column_stack([against_neutral[:, 0], np.zeros(len(texts)), against_neutral[:, 1]])
        odds = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def read_signals(texts: Sequence[str]) -> Signals:
    """Return what the model looks at in each text."""
    texts = [html.unescape(text) for text in texts]
    batch = Batch([normal(text) for text in texts])
    words = batch.words()
    return Signals(
        characters=batch.characters(CHARACTER_SIZES, inside_words=True),
        words=word_grams(words),
        lexicon=lexicon.measure(texts, words, lexicon.load()),
    )


def normal(text: str) -> str:
    """Return the text in lower case, with names and links masked and white space single."""
    text = text.lower().replace("\u2019", "'")
    if "http" in text or "www." in text:
        text = _LINK.sub("http", text)
    if "@" in text or "u/" in text:
        text = _USER.sub("@u", text)
    return " ".join(text.split())


@cache
def load_model() -> SentimentModel:
    """Return the process's one model; the first call takes about 0.2 s."""
    stored = read_arrays(MODEL)
    return SentimentModel(
        read_table(stored, "characters"), read_table(stored, "words"), stored["lexicon"], stored["bias"]
    )
