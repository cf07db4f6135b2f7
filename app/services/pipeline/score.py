"""Says how an item sounds and what it wants to do.

Sentiment is VADER's compound score (Hutto & Gilbert 2014, https://doi.org/10.1609/icwsm.v8i1.14550): a lexicon and
rules fitted for English, so every other language counts as unscored, and so does a text too short to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Protocol

from app.services.pipeline.intents import intents
from app.services.pipeline.prose import own_words, sentences
from app.services.pipeline.records import Record, Scored, Sentiment

POSITIVE_FROM = 0.05
NEGATIVE_FROM = -0.05
"""The bounds that VADER's authors give, https://github.com/cjhutto/vaderSentiment#about-the-scoring."""

LANGUAGES = frozenset({"en"})
"""What the lexicon was fitted for."""

_WHOLE = 600
"""Characters up to which a text is scored as a whole. The compound score runs to ±1 with length, so of longer texts it
is the mean over the sentences that say something, as its authors advise."""
_READ = 20_000
"""Characters read at all."""


class Analyzer(Protocol):
    """What scores sentiment; VADER's `SentimentIntensityAnalyzer` is one."""

    def polarity_scores(self, text: str) -> dict[str, float]:
        """Return at least `compound`, -1 to 1."""


@cache
def load_analyzer() -> Analyzer:
    """Return the process's one analyzer. The first call reads the lexicon."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - 7,500 words to read

    analyzer: Analyzer = SentimentIntensityAnalyzer()
    return analyzer


def label(sentiment: float) -> Sentiment:
    """Return the bucket of a sentiment from -1 to 1."""
    if sentiment >= POSITIVE_FROM:
        return Sentiment.POSITIVE
    return Sentiment.NEGATIVE if sentiment <= NEGATIVE_FROM else Sentiment.NEUTRAL


def score(records: Sequence[Record], analyzer: Analyzer | None = None) -> list[Scored]:
    """Return what is found of each record, in the order given; pure, so that unchanged items need no second run.

    Args:
        records: Cleaned items, with their language.
        analyzer: The process's own when None.
    """
    analyzer = analyzer or load_analyzer()
    return [_score(record, analyzer) for record in records]


def _score(record: Record, analyzer: Analyzer) -> Scored:
    words = own_words(record.text[:_READ]) if record.language in LANGUAGES and not record.removed else ""
    if not words.strip():
        return Scored(record.id, None, None, ())
    sentiment = round(_sentiment(words, analyzer), 4)
    return Scored(record.id, sentiment, label(sentiment), intents(words, sentiment))


def _sentiment(words: str, analyzer: Analyzer) -> float:
    if len(words) <= _WHOLE:
        return analyzer.polarity_scores(words)["compound"]
    parts = [analyzer.polarity_scores(part.text[:_WHOLE])["compound"] for part in sentences(words)]
    telling = [part for part in parts if part]
    return sum(telling) / len(telling) if telling else 0.0
