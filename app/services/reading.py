"""Stored items as the pure stages see them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.models import Item
from app.services.pipeline.records import Record


def words(title: str | None, text: str) -> str:
    """Return title and body as one text: what quotes are checked against."""
    return "\n\n".join(part for part in (title, text) if part)


def record(item: Item) -> Record:
    """Return one stored item as a plain value."""
    return Record(
        id=item.id,
        text=words(item.title, item.text),
        author=item.author_key or item.author,
        thread=item.thread_external_id,
        community=item.community,
        posted_at=item.posted_at,
        permalink=item.permalink,
        upvotes=item.upvotes or 0,
        is_post=item.kind == "post",
        removed=item.removed,
        language=item.language,
        sentiment=item.sentiment,
        topic=item.topic_number,
        provider=item.provider,
    )


def records(
    session: Session,
    analysis_id: str,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    by_time: bool = False,
) -> list[Record]:
    """Return the analysis's items that meet all conditions, by id, or oldest first."""
    order = (col(Item.posted_at), col(Item.id)) if by_time else (col(Item.id),)
    query = select(Item).where(Item.analysis_id == analysis_id, *conditions).order_by(*order)
    rows: Sequence[Item] = session.exec(query.limit(limit) if limit else query).all()
    return [record(row) for row in rows]


def worth_reading() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that leave out spam, repeats and what was removed."""
    return (col(Item.spam).is_(False), col(Item.duplicate_of).is_(None), col(Item.removed).is_(False))


def worth_weighing() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for items that opportunities are drawn from: worth reading, in a language that we score."""
    return (*worth_reading(), col(Item.sentiment_label).is_not(None))
