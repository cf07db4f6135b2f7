"""Says how an item sounds and what it wants to do.

Sentiment is a model's, fitted to English (`docs/quality.md`), so every other language counts as unscored, and so does
an item without words of its own. Its value is the probability of positive less that of negative; its label is the
likeliest of the three. Where a service judged an item before (`Said`), that counts instead, in any language; intents
are found by our own rules, in English.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Said:
    """What a sentiment service says of one item."""

    sentiment: float | None
    """-1 to 1; None when it does not know the language."""
    label: Sentiment | None
    engine: str


@dataclass(frozen=True, slots=True)
class Mood:
    """What the model says of one text."""

    value: float
    """-1 to 1."""
    label: Sentiment
    confidence: float
    """Probability of the label."""


def score(
    records: Sequence[Record],
    model: SentimentModel | None = None,
    *,
    said: Mapping[str, Said] | None = None,
    engine: str | None = None,
) -> list[Scored]:
    """Return what is found of each record, in the order given; pure, so that unchanged items need no second run.

    Args:
        records: Cleaned items, with their language.
        model: The shipped one when None.
        said: By record id what a sentiment service said; the model judges the others.
        engine: Name of the model, noted at what it judges.
    """
    said = said or {}
    words = [None if record.language not in LANGUAGES else readable(record) for record in records]
    telling = [text for record, text in zip(records, words, strict=True) if text is not None and record.id not in said]
    judged = iter(moods(telling, model))
    found = []
    for record, text in zip(records, words, strict=True):
        if foreign := said.get(record.id):
            value, label, by = foreign.sentiment, foreign.label, foreign.engine if foreign.label else None
        elif text is not None:
            mood = next(judged)
            value, label, by = mood.value, mood.label, engine
        else:
            value, label, by = None, None, None
        intents = () if text is None else spans(text, value)
        found.append(
            Scored(record.id, value, label, tuple(dict.fromkeys(span.intent for span in intents)), intents, by)
        )
    return found


def sentiments(texts: Sequence[str], model: SentimentModel | None = None) -> list[tuple[float, Sentiment]]:
    """Return value (-1 to 1) and label of each text.

    Args:
        texts: English, as `own_words` gives them.
        model: The shipped one when None.
    """
    return [(mood.value, mood.label) for mood in moods(texts, model)]


def moods(texts: Sequence[str], model: SentimentModel | None = None) -> list[Mood]:
    """Return what the model says of each text; see `sentiments`."""
    if not texts:
        return []
    from app.services.pipeline.sentiment_model import LABELS, load_model  # noqa: PLC0415 - numpy starts threads

    found = (model or load_model()).probabilities([text[:_FELT] for text in texts])
    return [
        Mood(round(float(row[2] - row[0]), 4), LABELS[place], round(float(row[place]), 4))
        for row, place in zip(found, found.argmax(axis=1), strict=True)
    ]


def readable(record: Record) -> str | None:
    """Return an item's own words, in whatever language; None when nobody's voice is in it."""
    # What speaks to machines is nobody's voice; without a label no later stage weighs it.
    if record.removed or speaks_to_machines(record.text):
        return None
    words = own_words(record.text[:_READ])
    return words if words.strip() else None
