"""One collected post or comment as others see it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.services.contract.basics import Contract, Moment


class IntentSpan(Contract):
    """The words that show what an item wants."""

    intent: str
    start: int
    """Offset in characters, in title and text joined by one blank line (or the text alone)."""
    end: int


class ItemView(Contract):
    """One collected post or comment, and what the stages found in it."""

    id: str
    provider: str
    kind: Literal["post", "comment"]
    external_id: str
    parent_external_id: str | None
    thread_external_id: str
    community: str
    author: str | None
    title: str | None
    text: str
    permalink: str
    posted_at: Moment
    upvotes: int | None
    removed: bool
    language: str | None
    spam: bool
    spam_reasons: list[str]
    duplicate_of: str | None
    sentiment: float | None
    sentiment_label: str | None
    intents: list[str]
    intent_spans: list[IntentSpan] = Field(default_factory=list)
    topic: int | None
