"""The sentiment of texts that somebody sends: what our own route `POST /api/v1/analyze` answers.

Another Asterism can score with it (`ASTERISM_SENTIMENT_URL` = the address of `/api/v1` here).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.services.access import Action, Actor, require
from app.services.contract import Contract
from app.services.pipeline.language import detect, load_identifier
from app.services.pipeline.prose import own_words
from app.services.pipeline.score import LANGUAGES, moods
from app.services.versions import ENGINE

MOST_TEXTS = 100
LONGEST_TEXT = 10_000
"""Characters."""


class TextsToAnalyze(BaseModel):
    """Texts whose sentiment is wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    texts: Annotated[
        list[Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]],
        Field(min_length=1, max_length=MOST_TEXTS, description="Each is judged by itself."),
    ]


class TextSentiment(Contract):
    """How one text sounds."""

    label: Literal["negative", "neutral", "positive", "unscored_language"]
    """`unscored_language` when its language cannot be told or is none that the engine was fitted for."""
    score: float | None
    """-1 to 1; null when it is not scored."""
    confidence: float | None
    """0 to 1: how likely the label is; null when it is not scored."""
    language: str
    """ISO 639-1, or `und` when it cannot be told."""


class TextsAnalyzed(Contract):
    """One result for each text, in their order."""

    results: list[TextSentiment]
    engine: str
    """Version of what judged."""


def analyze(actor: Actor, wanted: TextsToAnalyze) -> TextsAnalyzed:
    """Judge texts by the local model; nothing is stored.

    Raises:
        NotPermitted: The actor may not read analyses.
    """
    require(actor, Action.ANALYSIS_READ)
    identifier = load_identifier()
    languages = [detect(text, identifier) for text in wanted.texts]
    words = [own_words(text) for text in wanted.texts]
    known = [
        text if language in LANGUAGES and text.strip() else None
        for text, language in zip(words, languages, strict=True)
    ]
    judged = iter(moods([text for text in known if text is not None]))
    results = []
    for text, language in zip(known, languages, strict=True):
        if text is None:
            results.append(TextSentiment(label="unscored_language", score=None, confidence=None, language=language))
        else:
            mood = next(judged)
            results.append(
                TextSentiment(label=mood.label.value, score=mood.value, confidence=mood.confidence, language=language)
            )
    return TextsAnalyzed(results=results, engine=ENGINE)
