"""The shapes of an answer as pages, REST and commands show it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.services.contract import Contract, Moment


class CitationView(Contract):
    """A span of one stored item, checked word for word."""

    item_id: str
    quote: str
    start: int
    end: int
    verified: Literal["verified", "repaired"]
    author: str | None
    community: str
    provider: str
    permalink: str
    posted_at: Moment


class SentenceView(Contract):
    """One sentence of an answer; none is without a citation."""

    text: str
    citations: list[CitationView] = Field(min_length=1)


class GroupView(Contract):
    """Some of the counted items, and sentences from them."""

    role: str = Field(description="`lead`, `against`, `model`, or what the items do: `complaint`, `request`, …")
    title: str
    items: int
    authors: int
    filters: dict[str, str] | None = Field(
        description="Which of the counted items these are, as filters of the list of items; null when none does."
    )
    sentences: list[SentenceView]


class RowView(Contract):
    """One line of a table."""

    label: str
    items: int
    authors: int = Field(description="Writers; each item that names nobody counts as another one's.")
    unnamed: int = Field(default=0, description="Items that name nobody.")
    filters: dict[str, str]


class TableView(Contract):
    """Counts of the items that speak of it."""

    title: str
    rows: list[RowView]
    more: int = Field(description="Rows that are left out, the smallest.")


class ScopeView(Contract):
    """A part of the items that the words of the question mean."""

    name: str
    value: str
    words: str


class AnswerView(Contract):
    """What the items say."""

    outcome: Literal["answered", "not_in_data"]
    engine: str = "local"
    model: str | None = None
    headline: str = ""
    groups: list[GroupView] = Field(default_factory=list)
    table: TableView | None = None
    items: int = 0
    authors: int = 0
    threads: int = 0
    searched: int = Field(0, description="Items that were searched: no spam, no repeats, nothing removed.")
    listed: bool = Field(
        default=False,
        description="Whether the filter `question` of the list of items gives the counted ones.",
    )
    words: list[str] = Field(default_factory=list, description="What was looked for.")
    scopes: list[ScopeView] = Field(default_factory=list)
    removed: list[ScopeView] = Field(default_factory=list, description="Scopes that were taken away.")
    missing: list[str] = Field(default_factory=list, description="Why it is not in the data, and what one can do.")
    change: str | None = Field(None, description="What is other than when the question was asked before.")
