"""What an answer is made of, and what it is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from app.services.pipeline.records import Quote, Record, Span


@dataclass(frozen=True, slots=True)
class Fact:
    """What is counted of one item."""

    id: str
    author: str
    """Whoever wrote it, by a pseudonym; its own id when nobody is named."""
    name: str | None
    """As the provider shows it."""
    thread: str
    community: str
    provider: str
    day: date
    language: str | None
    sentiment: str | None
    intents: tuple[str, ...]
    topic: int | None
    upvotes: int = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """One item with its words."""

    record: Record
    intents: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    label: str
    items: int
    authors: int
    """Writers; each item that names nobody counts as another one's."""
    unnamed: int
    """Items that name nobody."""
    filters: Mapping[str, str]
    """Which of the counted items they are, as filters of the list of items."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some of the counted items, and sentences of theirs."""

    role: str
    """`lead`, an intent, or `against`."""
    title: str
    items: int
    authors: int
    filters: Mapping[str, str] | None
    """Which of the counted items they are; None when no filter selects just these."""
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the items say. Nothing in it when they do not say it."""

    matched: tuple[str, ...] = ()
    """Ids of all items that speak of it, the closest first."""
    authors: int = 0
    threads: int = 0
    headline: str = ""
    groups: tuple[Group, ...] = ()
    table: tuple[Row, ...] = ()
    table_title: str = ""
    more_rows: int = 0

    @property
    def found(self) -> bool:
        """Return whether there is an answer."""
        return bool(self.groups or self.table)


def people(facts: Iterable[Fact]) -> int:
    """Return how many people wrote some items."""
    return len({fact.author for fact in facts})


def unnamed(facts: Iterable[Fact]) -> int:
    """Return how many items name nobody."""
    return sum(fact.author == fact.id for fact in facts)


def in_words(number: int, one: str, many: str = "") -> str:
    """Return a count with its unit (`1 item`, `2,140 items`)."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
