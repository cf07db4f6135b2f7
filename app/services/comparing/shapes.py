"""What a comparison looks like to pages, REST and the command line."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.services.contract.basics import Contract, Moment


class SideView(Contract):
    """One of the two analyses."""

    id: str
    question: str
    sources: list[str]
    sample: bool
    status: str
    closed: bool
    """Whether nothing more comes."""
    items: int
    asked_at: Moment
    finished_at: Moment | None
    rerun_of: str | None
    manifest_sha256: str | None


Cause = Literal["later", "time", "sources", "limits", "talk"]
"""Why one side alone holds an item: written after the other was asked; outside of the other's time range; from a source
that the other was not asked for; by other keywords or another limit; or the source itself shows it no more, or only
now."""


class OriginView(Contract):
    """Items that one side alone holds, by where they come from and why."""

    community: str
    cause: Cause
    items: int


class ItemsView(Contract):
    """How the items differ."""

    before: int
    after: int
    common: int
    new: int
    gone: int
    edited: int
    """Held by both, with other words."""
    removed: int
    """Held by both, and taken down in between."""
    judged_anew: int
    """Held by both with the same words, and another mood."""
    new_by_settings: int = 0
    """Of the new ones, those that the earlier request did not cover."""
    gone_by_settings: int = 0
    new_from: list[OriginView]
    """The largest first, at most 40."""
    gone_from: list[OriginView]


class MoodView(Contract):
    """How the mood changed; null where a side has no scored item."""

    before: float | None
    after: float | None
    change: float | None
    low: float | None
    """95 % interval of the change."""
    high: float | None
    clear: bool
    """False: no clear change, or too few people to say."""
    items_before: int
    items_after: int
    people_before: int
    people_after: int


class TopicChangeView(Contract):
    """One topic in both results, or in one of them."""

    change: Literal["new", "gone", "grown", "shrunk", "same"]
    name: str
    before_name: str | None
    """As it was called before, where that differs."""
    before_number: int | None
    after_number: int | None
    items_before: int
    items_after: int
    shared: int
    mood: MoodView


class OpportunitySideView(Contract):
    """An opportunity in one of the results."""

    id: str
    title: str
    kind: str
    rank: int
    """0 is the best."""
    score: int
    score_interval: tuple[int, int]
    items: int
    engine: str


class ScorePartView(Contract):
    """What one cause did to a score."""

    cause: Literal["rules", "scoring", "settings", "data", "grouping"]
    points: int
    came: int
    went: int
    sentence: str


class MetricChangeView(Contract):
    """One metric on both sides; null where there was not enough evidence."""

    name: str
    before: float | None
    after: float | None


class OpportunityChangeView(Contract):
    """One opportunity in both results, or in one of them."""

    change: Literal["new", "gone", "up", "down", "unclear", "incomparable", "same"]
    """`unclear`: the score differs, but its change may be chance. `incomparable`: it differs, and whether by chance
    cannot be told, since the rules differ or the items behind it are not kept; `why` says which."""
    before: OpportunitySideView | None
    after: OpportunitySideView | None
    points: int | None
    interval: tuple[int, int] | None
    """90 % interval of the change, over people; null where it cannot be told."""
    shared: int
    came: int
    """Items that speak for it only now."""
    went: int
    why: str
    parts: list[ScorePartView] | None
    """Their points add up to the change; null when the causes cannot be told apart, and `why` says why."""
    metrics: list[MetricChangeView]


class DifferenceView(Contract):
    """One setting or version that differs."""

    name: str
    before: str
    after: str


class CostLineView(Contract):
    """What one unit took on both sides, by the ledger."""

    step: str
    provider: str
    model: str | None
    unit: str
    quantity_before: int
    quantity_after: int
    micros_before: int
    micros_after: int


class CostChangeView(Contract):
    """What both took, and what the later one did not have to buy again."""

    spent_before_micros: int
    spent_after_micros: int
    lines: list[CostLineView]
    texts_kept: int
    """Texts that a scorer outside of this program had judged before, and was not asked again."""
    answers_kept: int
    """Prompts that a model had answered before, and was not asked again."""
    answers_kept_micros: int
    """What those answers had cost when they were bought: their tokens at the prices of that ledger."""
    sentence: str


class ComparisonView(Contract):
    """What changed from one analysis to another."""

    before: SideView
    after: SideView
    unchanged: bool
    warnings: list[str]
    """What to know before believing the rest."""
    summary: list[str] = Field(default_factory=list)  # an earlier version of the program does not send it
    """At most two sentences: what matters, and which of talk, settings, engine and rules did it."""
    sentences: list[str]
    """What changed, the weightiest first."""
    items: ItemsView
    mood: MoodView
    topics: list[TopicChangeView]
    opportunities: list[OpportunityChangeView]
    settings: list[DifferenceView]
    versions: list[DifferenceView]
    cost: CostChangeView


class ChangedItemView(Contract):
    """One item that is new, gone or edited."""

    item_id: str
    """In the result that holds it; of an edited one in the later result."""
    analysis_id: str
    community: str
    author: str | None
    permalink: str
    posted_at: Moment
    title: str | None
    text: str
    before_title: str | None
    before_text: str | None
    """What an edited item said before."""
    cause: Cause | None
    """Null for an edited one."""
    topic: str | None
