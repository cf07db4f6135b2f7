"""An answer as its page shows it: one pure function from the contract to words, numbers and doors."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.core.clock import rfc3339
from app.services.answer_views import AnswerView, CitationView, GroupView
from app.services.contract import EvidenceView
from app.services.pipeline.writers import by_whom
from app.services.question_shapes import QuestionRow, QuestionView
from state import words
from state.analysis_place import Place, items_href


@dataclass(frozen=True)
class Chip:
    """A limit that was read from the question's words."""

    name: str
    words: str


@dataclass(frozen=True)
class Source:
    """Where a sentence comes from; opens its item."""

    place: str
    """`group:sentence:citation`, by which the page asks for it."""
    author: str
    community: str
    posted_at: str
    verified: str


@dataclass(frozen=True)
class Sentence:
    """One sentence and where it comes from."""

    words: str
    quoted: bool
    """Whether it is the item's own words; a model's sentence is not."""
    sources: list[Source] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Some sentences under a line of ours."""

    title: str
    href: str
    against: bool
    sentences: list[Sentence] = field(default_factory=list)


@dataclass(frozen=True)
class TableRow:
    """One line of a table."""

    label: str
    item_count: str
    authors: str
    href: str
    percent: int
    """Of the largest."""


@dataclass(frozen=True)
class Shown:
    """A question and its answer. Empty when none is chosen."""

    id: str = ""
    text: str = ""
    asked_at: str = ""
    asking: bool = False
    found: bool = False
    engine: str = ""
    headline: str = ""
    items_href: str = ""
    scopes: list[Chip] = field(default_factory=list)
    removed: list[Chip] = field(default_factory=list)
    table_title: str = ""
    table: list[TableRow] = field(default_factory=list)
    table_more: str = ""
    groups: list[Group] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    change: str = ""
    note: str = ""
    saved_as: str = ""


@dataclass(frozen=True)
class AskedRow:
    """A question in a list."""

    id: str
    text: str
    name: str
    outcome: str
    href: str
    asked_at: str
    here: bool
    """Whether it was asked of the analysis on the page."""


def ask_href(analysis_id: str, question_id: str = "") -> str:
    """Return the address of the page, with one answer open."""
    query = f"?{urlencode({'q': question_id})}" if question_id else ""
    return Place(analysis_id, "ask").href() + query


def shown(view: QuestionView) -> Shown:
    """Return what the page says about one question."""
    answer = view.answer
    largest = max((row.items for row in answer.table.rows), default=1) if answer.table else 1
    return Shown(
        id=view.id,
        text=view.text,
        asked_at=rfc3339(view.created_at),
        asking=view.status == "asking",
        found=answer.outcome == "answered",
        engine=answer.model or answer.engine,
        headline=answer.headline,
        items_href=_door(view, {}) if answer.items else "",
        scopes=[Chip(scope.name, scope.words) for scope in answer.scopes],
        removed=[Chip(scope.name, scope.words) for scope in answer.removed],
        table_title=answer.table.title if answer.table else "",
        table=[
            TableRow(
                label=row.label,
                item_count=f"{row.items:,}",
                authors=by_whom(row.authors, row.unnamed),
                href=_door(view, row.filters),
                percent=max(1, words.percent(row.items / largest)),
            )
            for row in (answer.table.rows if answer.table else ())
        ],
        table_more=f"and {answer.table.more:,} more" if answer.table and answer.table.more else "",
        groups=[_group(view, number, group) for number, group in enumerate(answer.groups)],
        missing=answer.missing,
        change=answer.change or "",
        note=view.note or "",
        saved_as=view.saved_as or "",
    )


def asked_row(row: QuestionRow, analysis_id: str) -> AskedRow:
    """Return one line of a list of questions."""
    outcome = "not in the data" if row.outcome == "not_in_data" else words.counted(row.items, "item")
    return AskedRow(
        id=row.id,
        text=row.text,
        name=row.saved_as or "",
        outcome="asking" if row.status == "asking" else outcome,
        href=ask_href(row.analysis_id, row.id),
        asked_at=rfc3339(row.created_at),
        here=row.analysis_id == analysis_id,
    )


def citation_at(answer: AnswerView, place: str) -> CitationView | None:
    """Return the citation at `group:sentence:citation`; None when there is none."""
    try:
        group, sentence, citation = (int(part) for part in place.split(":"))
        if min(group, sentence, citation) < 0:
            return None
        return answer.groups[group].sentences[sentence].citations[citation]
    except (ValueError, IndexError):
        return None


def as_evidence(citation: CitationView) -> EvidenceView:
    """Return a citation as a quote, to be shown inside the whole of its item."""
    return EvidenceView.model_validate(citation.model_dump(exclude={"provider"}))


def _group(view: QuestionView, number: int, group: GroupView) -> Group:
    return Group(
        title=group.title,
        href=_door(view, group.filters) if group.filters else "",
        against=group.role.endswith("against"),
        sentences=[
            Sentence(
                words=sentence.text,
                quoted=not group.role.startswith("model"),
                sources=[
                    Source(
                        place=f"{number}:{at}:{which}",
                        author=citation.author or "unnamed",
                        community=citation.community,
                        posted_at=rfc3339(citation.posted_at),
                        verified=citation.verified,
                    )
                    for which, citation in enumerate(sentence.citations)
                ],
            )
            for at, sentence in enumerate(group.sentences)
        ],
    )


def _door(view: QuestionView, filters: dict[str, str]) -> str:
    return items_href(view.analysis_id, question=view.id, **filters) if view.answer.listed else ""
