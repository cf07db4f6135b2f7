"""Collected items: found by filters, newest first, a page at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import ColumnElement, String, cast, func, literal, or_, tuple_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from app.core.db import UtcDateTime
from app.core.errors import InvalidInput, NotFound
from app.core.ids import is_id
from app.core.paging import Page, check_limit, cut, decode_cursor
from app.models import Analysis, Item, Opportunity, OpportunityItem, Question, QuestionItem
from app.services.access import Action, Actor, require
from app.services.contract import IntentSpan, ItemView
from app.services.ownership import owned_analysis
from app.services.reading import words

MOST_COMMUNITIES = 300
"""Offered as a filter; an analysis of more videos or forums names the rest by the items themselves."""
COUNT_CAP = 1001
"""Counting stops here: a page says "1,000+" instead of reading a million rows."""


class ItemFilters(BaseModel):
    """Which items; everything that is set must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str | None = Field(None, max_length=200, description="Words that the title or text contains.")
    topic: int | None = Field(None, ge=0, le=2**31 - 1, description="Number of a topic.")
    sentiment: Literal["negative", "neutral", "positive", "unscored"] | None = None
    kind: Literal["post", "comment"] | None = None
    community: str | None = Field(None, max_length=200)
    author: str | None = Field(None, max_length=200)
    language: str | None = Field(None, max_length=10)
    spam: bool | None = Field(None, description="true: only spam; false: none; absent: both.")
    duplicates: bool | None = Field(None, description="true: only repeats; false: none; absent: both.")
    removed: bool | None = None
    intent: str | None = Field(None, max_length=40)
    day: date | None = Field(None, lt=date(9999, 12, 31), description="One day in UTC.")
    from_day: date | None = Field(None, lt=date(9999, 12, 31), description="First day, in UTC.")
    to_day: date | None = Field(None, lt=date(9999, 12, 31), description="Last day, in UTC.")
    opportunity: str | None = Field(
        None, max_length=36, description="Id of an opportunity: the items that speak for it."
    )
    provider: str | None = Field(None, max_length=40, description="Registry id of the source.")
    question: str | None = Field(None, max_length=36, description="Id of a question: the items that its answer counts.")

    @field_validator("text", "community", "author", "language", "intent", "opportunity", "provider", "question")
    @classmethod
    def _is_storable(cls, value: str | None) -> str | None:
        if value is not None and "\x00" in value:
            raise ValueError("holds a character that no text has; remove it")
        return value


def page(
    session: Session,
    actor: Actor,
    analysis_id: str,
    filters: ItemFilters,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ItemView]:
    """Return items that meet the filters, newest first. Raises `NotFound`, `InvalidInput`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    conditions = _conditions(analysis, filters)
    if cursor:
        moment, last = decode_cursor(cursor, 2)
        conditions.append(_after(_moment(moment), str(last)))
    rows = session.exec(
        select(Item)
        .where(*conditions)
        .order_by(col(Item.posted_at).desc(), col(Item.id).desc())
        .limit(check_limit(limit) + 1)
    ).all()
    kept, next_cursor = cut(rows, limit, lambda row: [row.posted_at.isoformat(), row.id])
    return Page([item_view(row) for row in kept], next_cursor)


def count(session: Session, actor: Actor, analysis_id: str, filters: ItemFilters) -> int:
    """Return how many items meet the filters, at most `COUNT_CAP`. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    some = select(Item.id).where(*_conditions(analysis, filters)).limit(COUNT_CAP).subquery()
    return int(session.exec(select(func.count()).select_from(some)).one())


def get(session: Session, actor: Actor, analysis_id: str, item_id: str) -> ItemView:
    """Return one item. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    row = session.get(Item, item_id) if is_id(item_id) else None
    if row is None or row.analysis_id != analysis.id:
        raise NotFound("There is no such item in this analysis; look at the list of them.")
    return item_view(row)


def item_view(row: Item) -> ItemView:
    """Return a stored item as the contract shows it."""
    return ItemView(
        id=row.id,
        provider=row.provider,
        kind="post" if row.kind == "post" else "comment",
        external_id=row.external_id,
        parent_external_id=row.parent_external_id,
        thread_external_id=row.thread_external_id,
        community=row.community,
        author=row.author,
        title=row.title,
        text=row.text,
        permalink=row.permalink,
        posted_at=row.posted_at,
        upvotes=row.upvotes,
        removed=row.removed,
        language=row.language,
        spam=row.spam,
        spam_reasons=row.spam_reasons,
        duplicate_of=row.duplicate_of,
        sentiment=row.sentiment,
        sentiment_label=row.sentiment_label,
        intents=row.intents,
        intent_spans=[IntentSpan.model_validate(span) for span in row.intent_spans],
        topic=row.topic_number,
    )


def communities(session: Session, actor: Actor, analysis_id: str) -> list[str]:
    """Return where the items of an analysis were said, by name, `MOST_COMMUNITIES` at most. Raises `NotFound`.

    Each name is looked up behind the one before in the index, so a million items in ten places cost ten looks.
    """
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    own = col(Item.analysis_id) == analysis.id
    found = columns(func.min(Item.community).label("name")).where(own).cte("found", recursive=True)
    following = columns(func.min(Item.community)).where(own, col(Item.community) > found.c.name).scalar_subquery()
    found = found.union_all(columns(following).select_from(found).where(found.c.name.is_not(None)))
    names = session.execute(columns(found.c.name).where(found.c.name.is_not(None)).limit(MOST_COMMUNITIES)).scalars()
    return sorted(names, key=str.casefold)


def _conditions(analysis: Analysis, filters: ItemFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Item.analysis_id) == analysis.id]
    equal = {
        "topic": Item.topic_number,
        "kind": Item.kind,
        "community": Item.community,
        "author": Item.author,
        "provider": Item.provider,
        "language": Item.language,
        "spam": Item.spam,
        "removed": Item.removed,
    }
    for name, column in equal.items():
        wanted = getattr(filters, name)
        if wanted is not None:
            conditions.append(col(column) == wanted)
    if filters.sentiment == "unscored":
        conditions.append(col(Item.scored) & col(Item.sentiment_label).is_(None))
    elif filters.sentiment is not None:
        conditions.append(col(Item.sentiment_label) == filters.sentiment)
    if filters.duplicates is not None:
        repeat = col(Item.duplicate_of)
        conditions.append(repeat.is_not(None) if filters.duplicates else repeat.is_(None))
    if filters.intent is not None:
        conditions.append(cast(col(Item.intents), String).contains(f'"{filters.intent}"', autoescape=True))
    conditions.extend(col(Item.posted_at) >= _midnight(day) for day in (filters.day, filters.from_day) if day)
    ends = (_midnight(day) + timedelta(days=1) for day in (filters.day, filters.to_day) if day)
    conditions.extend(col(Item.posted_at) < end for end in ends)
    if filters.opportunity is not None:
        supporting = (
            select(OpportunityItem.item_id)
            .join(Opportunity, col(Opportunity.id) == col(OpportunityItem.opportunity_id))
            .where(Opportunity.analysis_id == analysis.id, Opportunity.id == filters.opportunity)
        )
        conditions.append(col(Item.id).in_(supporting))
    if filters.question is not None:
        counted = (
            select(QuestionItem.item_id)
            .join(Question, col(Question.id) == col(QuestionItem.question_id))
            .where(Question.analysis_id == analysis.id, Question.id == filters.question)
        )
        conditions.append(col(Item.id).in_(counted))
    conditions.extend(_contains(word) for word in (filters.text or "").split())
    return conditions


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _contains(word: str) -> ColumnElement[bool]:
    return or_(
        col(Item.text).icontains(word, autoescape=True),
        func.coalesce(col(Item.title), "").icontains(word, autoescape=True),
    )


def _after(moment: datetime, last: str) -> ColumnElement[bool]:
    # One comparison of pairs: both databases walk the index from there, whereas OR makes them read what came before.
    return tuple_(col(Item.posted_at), col(Item.id)) < tuple_(literal(moment, UtcDateTime), literal(last))


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor") from error
    raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor")


def intent_words(item: ItemView, intent: str) -> list[str]:
    """Return the words of an item that show one of its intents, in their order, each on one line."""
    said = words(item.title, item.text)
    return [" ".join(said[span.start : span.end].split()) for span in item.intent_spans if span.intent == intent]
