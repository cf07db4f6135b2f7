"""The contract of an analysis: what REST, CLI `--json`, SSE and exports speak.

Money is integer micro-USD in fields that end in `_micros`; fractions are 0 to 1; times are RFC 3339 in UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    field_validator,
    model_validator,
)

from app.core.clock import rfc3339
from app.core.money import MICROS_PER_DOLLAR

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
Band = tuple[int, int, int]
"""Low, likely, high."""

MAX_SOURCES = 20
MAX_KEYWORDS = 50
MAX_QUESTION = 500
MAX_CAP_MICROS = 10_000 * MICROS_PER_DOLLAR


def _clean_text(value: str) -> str:
    value = " ".join("".join(character if character.isprintable() else " " for character in value).split())
    if not value:
        raise ValueError("is empty; write at least one word")
    return value


class Contract(BaseModel):
    """Shared configuration of everything that crosses the border."""

    model_config = ConfigDict(extra="forbid")


class SourceRequest(Contract):
    """One place to listen to: a registry id and the provider's own query."""

    provider: str = Field(min_length=1, max_length=40)
    query: dict[str, Any]

    @field_validator("query")
    @classmethod
    def _words_are_text(cls, query: dict[str, Any]) -> dict[str, Any]:
        for value in query.values():
            if isinstance(value, str) and not value.isprintable():
                raise ValueError("holds a character that no name or search has; remove it")
        return query


class NotifyRequest(Contract):
    """How and when to tell the user."""

    email: bool = False
    push: bool = True
    cost_threshold: float = Field(default=0.8, gt=0, le=1)


class AnalysisRequest(Contract):
    """What a person or a script asks for."""

    question: Annotated[str, Field(max_length=MAX_QUESTION), AfterValidator(_clean_text)] = "What do people want?"
    sources: list[SourceRequest] = Field(min_length=1, max_length=MAX_SOURCES)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    keywords: list[Annotated[str, Field(max_length=100), AfterValidator(_clean_text)]] = Field(
        default_factory=list, max_length=MAX_KEYWORDS
    )
    max_items: int | None = Field(default=None, ge=1)
    max_cost_micros: int = Field(default=500_000, ge=0, le=MAX_CAP_MICROS)
    engine: Literal["auto", "local", "model"] = "auto"
    notify: NotifyRequest = Field(default_factory=NotifyRequest)

    @model_validator(mode="after")
    def _range_runs_forward(self) -> AnalysisRequest:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until; swap the two dates")
        return self


class StageJobs(Contract):
    """How many jobs are in which state."""

    done: int = 0
    running: int = 0
    waiting: int = 0
    paused: int = 0
    dead: int = 0


class StageProgress(Contract):
    """How far one stage is."""

    stage: str
    state: Literal["waiting", "running", "done", "failed", "skipped", "cancelled"]
    done: int = 0
    total: int | None = None
    fraction: float = 0.0


class QueueView(Contract):
    """Where an analysis stands in line, and why it waits."""

    place: int | None = None
    """1 is next; None when nothing of it waits."""
    wait_seconds: tuple[int, int] | None = None
    why: str | None = None
    workers_free: int
    workers_total: int


class ProgressView(Contract):
    """How far the whole is, weighted by expected work."""

    overall: float
    stage: str
    stages: list[StageProgress]
    jobs: StageJobs
    queue: QueueView


class DegradedView(Contract):
    """A part that ran, or runs, with something less than it should."""

    feature: str
    since: Moment
    instead: str


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
    authors: int
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


class ResultsView(Contract):
    """What was found so far."""

    items: int = 0
    duplicates: int = 0
    spam: int = 0
    removed: int = 0
    unscored_language: int = 0
    sentiment: dict[str, int] = Field(default_factory=lambda: {"negative": 0, "neutral": 0, "positive": 0})
    topics: list[TopicView] = Field(default_factory=list)
    opportunities: list[OpportunityView] = Field(default_factory=list)


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


class EstimateView(Contract):
    """What an analysis will take, as bands, with what they rest on."""

    items: Band
    requests: Band
    minutes: Band
    micros: Band
    assumptions: list[str]
    sources: list[dict[str, Any]] = Field(default_factory=list)
    sample: bool = False


class CostEntryView(Contract):
    """One line of the ledger (or the sum of like lines)."""

    step: str
    provider: str
    model: str | None
    unit: str
    quantity: int
    unit_price_micros_per_million: int
    amount_micros: int
    price_list: str


class CostView(Contract):
    """What it has cost so far against the cap."""

    cap_micros: int
    spent_micros: int
    reserved_micros: int
    estimate: EstimateView | None
    entries: list[CostEntryView]


class MetadataView(Contract):
    """When, and by which versions."""

    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    versions: dict[str, Any]
    manifest_sha256: str | None


class AnalysisView(Contract):
    """The whole of one analysis."""

    id: str
    status: str
    sample: bool
    error: str | None
    request: AnalysisRequest
    progress: ProgressView
    degraded: list[DegradedView]
    results: ResultsView
    cost: CostView
    metadata: MetadataView


class AnalysisRow(Contract):
    """One analysis in a list."""

    id: str
    status: str
    sample: bool
    question: str
    sources: list[str]
    overall: float
    items: int
    opportunities: int
    spent_micros: int
    cap_micros: int
    created_at: Moment
    finished_at: Moment | None


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


class JobView(Contract):
    """One unit of work."""

    id: str
    kind: str
    queue: str
    label: str
    status: str
    provider: str | None
    token_source: str | None
    done: int
    total: int | None
    attempts: int
    max_attempts: int
    worker: str | None
    error: str | None
    cost_micros: int
    run_after: Moment
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class EventView(Contract):
    """One line of the timeline."""

    sequence: int
    kind: str
    message: str
    job_id: str | None
    data: dict[str, Any]
    at: Moment
