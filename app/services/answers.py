"""What the items of one analysis say to a question: read, counted and quoted; nothing is written here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from app.models import Analysis, Item, Topic
from app.services import search
from app.services.answer_views import (
    AnswerView,
    CitationView,
    GroupView,
    RowView,
    ScopeView,
    SentenceView,
    TableView,
)
from app.services.pipeline import answering
from app.services.pipeline.answer_parts import Answered, Fact, Voice
from app.services.pipeline.answering import ITEM_COVERAGE
from app.services.pipeline.item_words import COUNTING
from app.services.pipeline.records import Quote, Span
from app.services.pipeline.understanding import Known, Scope, Understood, understand
from app.services.reading import record, worth_reading
from integrations import registry

MOST_KEPT = 5_000
"""Items of one answer that are kept, so that its numbers lead to a list; of a larger answer they lead nowhere."""
_SOME = 500
"""Ids in one query."""


@dataclass(frozen=True, slots=True)
class Found:
    """An answer, and the items that it counts, the closest first."""

    answer: AnswerView
    asked: Understood
    items: tuple[str, ...]


def find(session: Session, analysis: Analysis, text: str, without: Iterable[str] = ()) -> Found:
    """Return what the items say to a question, by the local engine. The index must be there.

    Args:
        session: A session that may only read.
        analysis: Whose items; the caller has checked who asks.
        text: The question.
        without: Names of scopes not to use.
    """
    topics = {
        topic.number: topic.name for topic in session.exec(select(Topic).where(Topic.analysis_id == analysis.id)).all()
    }
    asked = understand(text, _known(session, analysis.id, topics), without)
    index = search.index(session, analysis.id)
    searched = index.ids()
    hits = index.hits(asked.groups, least=ITEM_COVERAGE)
    held = index.held(asked.groups)
    nothing_named = not asked.groups and not asked.scopes and asked.kind == "said"
    wanted = [hit.item_id for hit in hits] if asked.groups else [] if nothing_named else searched
    facts = _facts(session, analysis.id, wanted, asked.scopes)
    found = answering.answer(
        asked, hits, held, len(searched), facts, lambda ids: voices(session, analysis.id, ids), topics
    )
    return Found(
        _view(session, analysis.id, asked, found, len(searched), held, len(hits), topics), asked, found.matched
    )


def voices(session: Session, analysis_id: str, ids: Sequence[str]) -> list[Voice]:
    """Return items with their words, in the order of the ids; what is no longer worth reading is left out."""
    rows: dict[str, Item] = {}
    for part in _parts(ids):
        found = session.exec(
            select(Item).where(Item.analysis_id == analysis_id, col(Item.id).in_(part), *worth_reading())
        )
        rows |= {row.id: row for row in found}
    return [
        Voice(
            record=record(rows[item_id]),
            intents=tuple(rows[item_id].intents),
            spans=tuple(
                Span(str(span["intent"]), int(span["start"]), int(span["end"])) for span in rows[item_id].intent_spans
            ),
        )
        for item_id in ids
        if item_id in rows
    ]


def cited(session: Session, quotes: Sequence[Quote]) -> dict[tuple[str, int], CitationView]:
    """Return quotes with where they come from, by item and start."""
    ids = list({quote.item_id for quote in quotes})
    rows = {row.id: row for part in _parts(ids) for row in session.exec(select(Item).where(col(Item.id).in_(part)))}
    return {
        (quote.item_id, quote.start): CitationView(
            item_id=quote.item_id,
            quote=quote.text,
            start=quote.start,
            end=quote.end,
            verified="repaired" if quote.verification == "repaired" else "verified",
            author=rows[quote.item_id].author,
            community=rows[quote.item_id].community,
            provider=rows[quote.item_id].provider,
            permalink=rows[quote.item_id].permalink,
            posted_at=rows[quote.item_id].posted_at,
        )
        for quote in quotes
        if quote.item_id in rows
    }


def _known(session: Session, analysis_id: str, topics: Mapping[int, str]) -> Known:
    places = session.exec(
        select(Item.provider, Item.community, func.max(Item.posted_at))
        .where(Item.analysis_id == analysis_id)
        .group_by(col(Item.provider), col(Item.community))
    ).all()
    return Known(
        communities=[community for _, community, _ in places],
        providers={provider: _label(provider) for provider, _, _ in places},
        topics=topics,
        newest=max((_utc(newest) for *_, newest in places), default=None),
    )


def _utc(value: datetime | str) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _label(provider: str) -> str:
    try:
        return registry.source(provider).label
    except LookupError:  # imported files, and providers that have been taken away since
        return provider


def _facts(session: Session, analysis_id: str, ids: Sequence[str], scopes: Iterable[Scope]) -> dict[str, Fact]:
    """Return what is counted of some items, of those inside the scopes."""
    conditions = [condition for scope in scopes for condition in _conditions(scope)]
    columns = (
        Item.id,
        Item.author_key,
        Item.author,
        Item.thread_external_id,
        Item.community,
        Item.provider,
        Item.posted_at,
        Item.language,
        Item.sentiment_label,
        Item.intents,
        Item.topic_number,
        Item.upvotes,
    )
    wanted = set(ids)
    # Many ids cost more than reading all rows of the analysis once.
    runs: list[list[ColumnElement[bool]]] = (
        [[]] if len(ids) > MOST_KEPT else [[col(Item.id).in_(part)] for part in _parts(ids)]
    )
    found: dict[str, Fact] = {}
    for run in runs:
        rows = session.execute(
            select(*columns).where(  # type: ignore[call-overload]  # more columns than the overloads name
                Item.analysis_id == analysis_id, *worth_reading(), *conditions, *run
            )
        )
        for row in rows:
            if row[0] in wanted:
                found[row[0]] = Fact(
                    id=row[0],
                    author=row[1] or row[2] or row[0],
                    name=row[2],
                    thread=row[3],
                    community=row[4],
                    provider=row[5],
                    day=row[6].date(),
                    language=row[7],
                    sentiment=row[8],
                    intents=tuple(row[9]),
                    topic=row[10],
                    upvotes=row[11] or 0,
                )
    return found


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    if scope.name == "period":
        first, _, end = scope.value.partition("/")
        return [col(Item.posted_at) >= _midnight(first), col(Item.posted_at) < _midnight(end)]
    columns = {"community": Item.community, "provider": Item.provider, "language": Item.language}
    if scope.name in columns:
        return [col(columns[scope.name]) == scope.value]
    if scope.name == "topic":
        return [col(Item.topic_number) == int(scope.value)]
    return []  # mood and intent are counted, not filtered: what speaks against needs the rest


def _midnight(day: str) -> datetime:
    value = date.fromisoformat(day)
    return datetime(value.year, value.month, value.day, tzinfo=UTC)


def _view(
    session: Session,
    analysis_id: str,
    asked: Understood,
    found: Answered,
    searched: int,
    held: Sequence[int],
    hits: int,
    topics: Mapping[int, str],
) -> AnswerView:
    del analysis_id
    citations = cited(session, [quote for group in found.groups for quote in group.quotes])
    scopes = [ScopeView(name=scope.name, value=scope.value, words=scope.words) for scope in asked.scopes]
    return AnswerView(
        outcome="answered" if found.found else "not_in_data",
        headline=found.headline,
        groups=[
            GroupView(
                role=group.role,
                title=group.title,
                items=group.items,
                authors=group.authors,
                filters=None if group.filters is None else dict(group.filters),
                sentences=[
                    SentenceView(text=quote.text, citations=[citations[quote.item_id, quote.start]])
                    for quote in group.quotes
                    if (quote.item_id, quote.start) in citations
                ],
            )
            for group in found.groups
        ],
        table=TableView(
            title=found.table_title,
            rows=[
                RowView(
                    label=row.label,
                    items=row.items,
                    authors=row.authors,
                    unnamed=row.unnamed,
                    filters=dict(row.filters),
                )
                for row in found.table
            ],
            more=found.more_rows,
        )
        if found.table
        else None,
        items=len(found.matched),
        authors=found.authors,
        threads=found.threads,
        searched=searched,
        listed=0 < len(found.matched) <= MOST_KEPT,
        words=list(asked.words),
        scopes=scopes,
        removed=[ScopeView(name=scope.name, value=scope.value, words=scope.words) for scope in asked.removed],
        missing=[] if found.found else _missing(asked, searched, held, hits, topics),
    )


def _missing(asked: Understood, searched: int, held: Sequence[int], hits: int, topics: Mapping[int, str]) -> list[str]:
    """Say what was searched, what is there of it, and what one can do."""
    said = []
    marked = [f"\u201c{word}\u201d" for word in asked.words]
    scopes = ", ".join(scope.words for scope in asked.scopes)
    inside = f" ({scopes})" if scopes else ""
    if not asked.groups and not asked.scopes:
        return [
            "The question names nothing to look for. Name what it is about, as in the suggestions.",
            *_about(topics),
        ]
    said.append(f"{searched:,} items were searched{inside}; none speaks of {' with '.join(marked) or 'that'}.")
    said.append(f"Searched are the {COUNTING}: no repeats, no spam, nothing taken down.")
    if asked.groups:
        parts = [f"{mark}: {count:,}" for mark, count in zip(marked, held, strict=True)]
        said.append(f"Items that hold each word: {', '.join(parts)}.")
    if hits and asked.scopes:
        said.append(f"Without the limits above, {hits:,} speak of it: take one away.")
    else:
        said.append("Ask in other words, or collect from more sources or a longer time.")
    return [*said, *_about(topics)]


def _about(topics: Mapping[int, str]) -> list[str]:
    if not topics:
        return []
    names = [name for _, name in sorted(topics.items())][:5]
    return [f"What these items speak of most: {', '.join(names)}."]


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _SOME] for start in range(0, len(ids), _SOME)]
