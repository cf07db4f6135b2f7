"""The plain values that flow through the stages. No database, no network, no clock.

collect → clean → score → cluster → synthesise → report
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Sentiment(StrEnum):
    """How an item sounds."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class Verification(StrEnum):
    """Whether a quote stands in the stored text of its item."""

    VERIFIED = "verified"
    """Word for word, at the span that is kept with it."""
    REPAIRED = "repaired"
    """Differed only in white space, case, quote marks or dashes; the stored words are shown instead."""
    UNVERIFIED = "unverified"
    """Not there. Never shown as a quote."""


@dataclass(frozen=True, slots=True)
class Record:
    """One stored item as the stages see it."""

    id: str
    text: str
    """Title and body, separated by one blank line; exactly what quotes are checked against."""
    author: str | None
    """Whoever wrote it, by a pseudonym: for telling people apart, never for showing."""
    thread: str
    community: str
    posted_at: datetime
    permalink: str
    upvotes: int
    is_post: bool
    removed: bool = False
    language: str | None = None
    """ISO 639-1 as found by `clean`; None before that, or when too short to tell (`und`)."""
    sentiment: float | None = None
    """-1 to 1 as found by `score`; None when the language is not one that the engine was fitted for."""
    topic: int | None = None
    """Number of the topic as found by `cluster`; None when it belongs to none."""
    source_label: str = ""
    provider: str = ""
    """Registry id of where it was collected, as `youtube`."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What `clean` says of one item."""

    id: str
    language: str
    spam: bool
    spam_score: float
    """0 to 1."""
    spam_reasons: tuple[str, ...]
    """Sentences for the user, in the order of their weight."""
    duplicate_of: str | None
    """Id of the earlier item that this one repeats; None when it stands alone."""


@dataclass(frozen=True, slots=True)
class Span:
    """The words that show an intent."""

    intent: str
    start: int
    """Offset in `Record.text`, in characters."""
    end: int


@dataclass(frozen=True, slots=True)
class Scored:
    """What `score` says of one item."""

    id: str
    sentiment: float | None
    """-1 to 1; None when the language is not one that the engine was fitted for."""
    label: Sentiment | None
    intents: tuple[str, ...]
    """`complaint`, `request`, `question`, `praise`, `workaround`, `willingness_to_pay`, `switching`, `comparison`."""
    spans: tuple[Span, ...] = ()
    """The words that made each of the intents, at most three of each."""
    engine: str | None = None
    """What judged the sentiment; None when nothing did."""


@dataclass(frozen=True, slots=True)
class TopicFound:
    """A group of items that speak of the same thing."""

    number: int
    """0 is the largest."""
    name: str
    terms: tuple[str, ...]
    """Up to 8, strongest first."""
    item_ids: tuple[str, ...]
    """Closest to the middle of the topic first."""
    sentiment: float | None
    """Mean over its scored items; None when none could be scored."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of one stored item."""

    item_id: str
    text: str
    """As stored; for `repaired` quotes the stored words, not the proposed ones."""
    start: int
    """Offset in `Record.text`, in characters."""
    end: int
    verification: Verification


@dataclass(frozen=True, slots=True)
class Metric:
    """One part of an opportunity's score, present only where there is evidence for it."""

    value: float
    """0 to 1."""
    weight: float
    evidence: tuple[str, ...]
    """Ids of the items it was computed from, strongest first, at most 20."""


@dataclass(frozen=True, slots=True)
class AntiPattern:
    """A reason why something that many want may still be no business."""

    name: str
    why: str
    """For the user."""
    items: int
    quotes: tuple[Quote, ...]
    """One per author, around the words that say it."""


@dataclass(frozen=True, slots=True)
class OpportunityFound:
    """A synthesised, cited finding."""

    title: str
    summary: str
    kind: str
    """`request`, `complaint`, `workaround`, `switching`, `willingness_to_pay` or `question`."""
    score: int
    """1 to 100: the weighted mean of `metrics`, scaled; see `opportunity_metrics`."""
    score_interval: tuple[int, int]
    """90 %: its people resampled, and wider where few spoke."""
    confidence: float
    """0 to 1: grows with items, authors and threads, falls with counter-evidence."""
    metrics: dict[str, Metric]
    evidence: tuple[Quote, ...]
    """Strongest first; only verified or repaired ones."""
    against: tuple[Quote, ...]
    """What speaks against it."""
    topic: int | None
    items: int
    authors: int
    """Writers, each item without an author counted as by somebody else."""
    threads: int
    unnamed: int = 0
    """Items without an author."""
    engine: str = "local"
    supporters: tuple[str, ...] = ()
    """Ids of the `items` that speak for it, the most telling first: the numbers are made of exactly these."""
    anti_patterns: tuple[AntiPattern, ...] = ()
