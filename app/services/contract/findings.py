"""What was found, and whether it holds."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import Field

from app.services.contract.basics import Contract, Moment


class TopicView(Contract):
    """A cluster of items."""

    id: str
    number: int
    name: str
    terms: list[str]
    items: int
    sentiment: float | None


class EvidenceView(Contract):
    """A quote, checked against the stored words."""

    item_id: str
    quote: str
    start: int
    end: int
    verified: Literal["verified", "repaired"]
    permalink: str
    community: str
    author: str | None
    posted_at: Moment


class MetricView(Contract):
    """One part of a score and the items that made it."""

    value: float
    weight: float
    evidence: list[str]


class OpportunityView(Contract):
    """A synthesised, cited finding."""

    id: str
    title: str
    summary: str
    kind: str
    score: int
    score_interval: tuple[int, int]
    confidence: float
    engine: str
    metrics: dict[str, MetricView]
    anti_patterns: list[dict[str, Any]]
    items: int
    authors: int = Field(description="Writers, each item without an author counted as by somebody else.")
    unnamed: int = Field(0, description="Items without an author: how many people wrote them, nobody knows.")
    threads: int
    topic: str | None
    evidence: list[EvidenceView]
    against: list[EvidenceView]


class FaultView(Contract):
    """One thing in a result that does not hold."""

    opportunity_id: str
    item_id: str | None
    """The item that it is about; null when it is about a number."""
    message: str


class VerificationView(Contract):
    """What came of checking a result against the stored words."""

    analysis_id: str
    holds: bool
    opportunities: int
    quotes: int
    items: int
    """Whose words were checked: quoted ones and those that speak for an opportunity."""
    scores: int
    """Opportunities whose score was computed again; the others were scored by rules of another version."""
    faults: list[FaultView]


class CitedSentence(Contract):
    """One sentence of a summary, and the items on which it rests."""

    text: str
    item_ids: list[str]


class SummaryView(Contract):
    """The findings in a few sentences."""

    engine: str
    sentences: list[CitedSentence]


class ResultsView(Contract):
    """What was found so far."""

    items: int = 0
    duplicates: int = 0
    spam: int = 0
    removed: int = 0
    unscored_language: int = 0
    sentiment: dict[str, int] = Field(default_factory=lambda: {"negative": 0, "neutral": 0, "positive": 0})
    summary: SummaryView | None = None
    topics: list[TopicView] = Field(default_factory=list)
    opportunities: list[OpportunityView] = Field(default_factory=list)
    question_read: bool | None = None
    """Whether a model read the question: the local engine says what all items say. Null before anything is found."""


class DayCounts(Contract):
    """How the items of one day sound."""

    day: date
    negative: int = 0
    neutral: int = 0
    positive: int = 0
    unscored: int = 0


class TopicCounts(Contract):
    """How the items of one topic sound."""

    number: int
    name: str
    items: int
    negative: int = 0
    neutral: int = 0
    positive: int = 0


class OverviewView(Contract):
    """What the two charts of a result show. Spam, repeats and removed items count in neither."""

    days: list[DayCounts]
    topics: list[TopicCounts]
