"""Says how an item sounds and what it wants to do.

Sentiment is a model's, fitted to English (`docs/quality.md`), so every other language counts as unscored, and so does
an item without words of its own. Its value is the probability of positive less that of negative; its label is the
likeliest of the three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.intents import spans
from app.services.pipeline.prose import own_words
from app.services.pipeline.records import Record, Scored, Sentiment

if TYPE_CHECKING:
    from app.services.pipeline.sentiment_model import SentimentModel

LANGUAGES = frozenset({"en"})
"""What the model was fitted for."""

_FELT = 900
"""Characters by which the mood of a text is judged. The posts that the model was fitted to are shorter, and a long text
says early what it is about."""
_READ = 20_000
"""Characters read at all."""


def score(records: Sequence[Record], model: SentimentModel | None = None) -> list[Scored]:
    """Return what is found of each record, in the order given; pure, so that unchanged items need no second run.

    Args:
        records: Cleaned items, with their language.
        model: The shipped one when None.
    """
    words = [_words(record) for record in records]
    telling = [text for text in words if text is not None]
    moods = iter(sentiments(telling, model) if telling else ())
    return [
        Scored(record.id, None, None, ()) if text is None else _scored(record.id, text, *next(moods))
        for record, text in zip(records, words, strict=True)
    ]


def sentiments(texts: Sequence[str], model: SentimentModel | None = None) -> list[tuple[float, Sentiment]]:
    """Return value (-1 to 1) and label of each text.

    Args:
        texts: English, as `own_words` gives them.
        model: The shipped one when None.
    """
    from app.services.pipeline.sentiment_model import LABELS, load_model  # noqa: PLC0415 - numpy starts threads

    found = (model or load_model()).probabilities([text[:_FELT] for text in texts])
    return [
        (round(float(row[2] - row[0]), 4), label)
        for row, label in zip(found, (LABELS[place] for place in found.argmax(axis=1)), strict=True)
    ]


def _words(record: Record) -> str | None:
    """Return what can be scored of a record; None when there is nothing."""
    # What speaks to machines is nobody's voice; without a label no later stage weighs it.
    if record.language not in LANGUAGES or record.removed or speaks_to_machines(record.text):
        return None
    words = own_words(record.text[:_READ])
    return words if words.strip() else None


def _scored(identifier: str, words: str, sentiment: float, label: Sentiment) -> Scored:
    found = spans(words, sentiment)
    return Scored(identifier, sentiment, label, tuple(dict.fromkeys(span.intent for span in found)), found)
