"""The counted side of an answer: one sentence with numbers, and a table where one is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.services.pipeline.answer_parts import Fact, Row, in_words, people, unnamed
from app.services.pipeline.item_words import COUNTING
from app.services.pipeline.question_words import Kind
from app.services.pipeline.retrieval import Hit
from app.services.pipeline.understanding import Understood
from app.services.pipeline.writers import by_whom

MOST_ROWS = 10
_ALL = 0.999


def is_whole(hits: Sequence[Hit], counted: Sequence[Fact]) -> bool:
    """Return whether each counted item holds every term."""
    coverage = {hit.item_id: hit.coverage for hit in hits}
    return all(coverage.get(fact.id, 1.0) > _ALL for fact in counted)


def headline(asked: Understood, counted: Sequence[Fact], size: int, rows: Sequence[Row], *, whole: bool) -> str:
    """Return the answer in one sentence of ours, with its counts."""
    by = by_whom(people(counted), unnamed(counted))
    threads = in_words(len({fact.thread for fact in counted}), "thread")
    verb = "speaks" if len(counted) == 1 else "speak"
    if asked.words:
        about = f" {verb} of {'' if whole else 'most of '}{_listed(asked.words)}"
    else:
        about = " is meant" if len(counted) == 1 else " are meant"
    said = f"{len(counted):,} of {size:,} {COUNTING}, by {by} in {threads}{about}."
    days = [fact.day for fact in counted]
    if asked.kind == "days" and rows:
        top = max(rows, key=lambda row: row.items)
        said += f" From {min(days)} to {max(days)}, most on {top.label} ({in_words(top.items, 'item')})."
    elif rows and asked.kind not in {"said", "number"}:
        said += f" Most: {rows[0].label} ({in_words(rows[0].items, 'item')})."
    return said


_COLUMNS: Mapping[Kind, tuple[str, str]] = {
    "communities": ("Community", "community"),
    "sources": ("Source", "provider"),
    "topics": ("Topic", "topic"),
    "authors": ("Author", "author"),
    "days": ("Day", "day"),
    "languages": ("Language", "language"),
    "sentiments": ("Sentiment", "sentiment"),
}


def table(asked: Understood, counted: Sequence[Fact], topics: Mapping[int, str]) -> tuple[str, list[Row]]:
    """Return the table that the question asks for, with its title; no rows when it asks for none."""
    kind: Kind = "topics" if asked.kind in {"said", "number"} and not asked.groups else asked.kind
    if kind not in _COLUMNS:
        return "", []
    title, filter_name = _COLUMNS[kind]
    members: dict[str, list[Fact]] = defaultdict(list)
    for fact in counted:
        value = _value(kind, fact)
        if value is not None:
            members[value].append(fact)
    rows = [
        Row(
            label=topics.get(int(value), value) if kind == "topics" else value,
            items=len(found),
            authors=people(found),
            unnamed=unnamed(found),
            filters={filter_name: value},
        )
        for value, found in members.items()
    ]
    rows.sort(key=lambda row: (-row.items, row.label))
    if kind == "days":
        rows = sorted(rows[:MOST_ROWS], key=lambda row: row.label)
    return title, rows


def _value(kind: Kind, fact: Fact) -> str | None:
    values: Mapping[Kind, str | None] = {
        "communities": fact.community,
        "sources": fact.provider,
        "topics": None if fact.topic is None else str(fact.topic),
        "authors": fact.name,
        "days": fact.day.isoformat(),
        "languages": fact.language,
        "sentiments": fact.sentiment or "unscored",
    }
    return values[kind]


def _listed(words: Sequence[str]) -> str:
    marked = [f"\u201c{word}\u201d" for word in words]
    return marked[0] if len(marked) == 1 else f"{', '.join(marked[:-1])} and {marked[-1]}"
