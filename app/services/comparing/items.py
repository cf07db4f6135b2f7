"""New, gone, edited and common items. The database compares; only sums leave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, not_
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.core.paging import Page, cut, newest_first
from app.models import Item, Topic
from app.services.comparing.coverage import SETTINGS, Coverage, cause, same_item, weighed
from app.services.comparing.shapes import ChangedItemView, ItemsView, OriginView

MOST_ORIGINS = 40

Change = Literal["new", "gone", "edited"]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The items that both hold."""

    common: int
    edited: int
    removed: int
    judged_anew: int
    topics: dict[tuple[int | None, int | None], int]
    """How many of them stand in which topic before and in which after."""


@dataclass(frozen=True, slots=True)
class Alone:
    """The items that one side alone holds."""

    items: int
    origins: list[OriginView]
    by_settings: int
    """Those that the other request did not cover."""
    weighed_by_settings: int
    """Of those that opportunities are drawn from, the ones that the other request did not cover."""
    weighed_by_data: int


def overlap(session: Session, before: Coverage, after: Coverage) -> Overlap:
    """Return what both hold."""
    old, new = aliased(Item), aliased(Item)
    same_words = col(old.content_sha256) == col(new.content_sha256)
    rows = session.execute(
        select_columns(
            col(old.topic_number),
            col(new.topic_number),
            func.count(),
            _sum(not_(same_words)),
            _sum(and_(col(new.removed), not_(col(old.removed)))),
            _sum(and_(same_words, func.coalesce(col(old.sentiment), -9) != func.coalesce(col(new.sentiment), -9))),
        )
        .join(new, same_item(old, new))
        .where(col(old.analysis_id) == before.analysis.id, col(new.analysis_id) == after.analysis.id)
        .group_by(col(old.topic_number), col(new.topic_number))
    ).all()
    return Overlap(
        common=sum(int(row[2]) for row in rows),
        edited=sum(int(row[3] or 0) for row in rows),
        removed=sum(int(row[4] or 0) for row in rows),
        judged_anew=sum(int(row[5] or 0) for row in rows),
        topics={(row[0], row[1]): int(row[2]) for row in rows},
    )


def alone(session: Session, own: Coverage, other: Coverage) -> Alone:
    """Return what `own` holds and `other` does not."""
    item, twin = aliased(Item), aliased(Item)
    why = cause(item, own, other).label("cause")
    rows = session.execute(
        select_columns(col(item.community), why, func.count(), _sum(weighed(item)))
        .join(twin, and_(col(twin.analysis_id) == other.analysis.id, same_item(item, twin)), isouter=True)
        .where(col(item.analysis_id) == own.analysis.id, col(twin.id).is_(None))
        .group_by(col(item.community), why)
    ).all()
    found = [(str(community), why, int(count), int(usable or 0)) for community, why, count, usable in rows]
    found.sort(key=lambda row: (-row[2], row[0], row[1]))
    return Alone(
        items=sum(row[2] for row in found),
        origins=[
            OriginView(community=community, cause=why, items=count) for community, why, count, _ in found[:MOST_ORIGINS]
        ],
        by_settings=sum(row[2] for row in found if row[1] in SETTINGS),
        weighed_by_settings=sum(row[3] for row in found if row[1] in SETTINGS),
        weighed_by_data=sum(row[3] for row in found if row[1] not in SETTINGS),
    )


def shape(both: Overlap, new: Alone, gone: Alone) -> ItemsView:
    """Return how the items differ."""
    return ItemsView(
        before=both.common + gone.items,
        after=both.common + new.items,
        common=both.common,
        new=new.items,
        gone=gone.items,
        edited=both.edited,
        removed=both.removed,
        judged_anew=both.judged_anew,
        new_by_settings=new.by_settings,
        gone_by_settings=gone.by_settings,
        new_from=new.origins,
        gone_from=gone.origins,
    )


def page(
    session: Session,
    before: Coverage,
    after: Coverage,
    change: Change,
    *,
    community: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ChangedItemView]:
    """Return changed items, the last collected first. Raises `InvalidInput` for a wrong cursor or limit."""
    own, other = (before, after) if change == "gone" else (after, before)
    item, twin = aliased(Item), aliased(Item)
    both = change == "edited"
    query = (
        select_columns(item, twin, cause(item, own, other), col(Topic.name))
        .join(twin, and_(col(twin.analysis_id) == other.analysis.id, same_item(item, twin)), isouter=not both)
        .join(
            Topic,
            and_(col(Topic.analysis_id) == col(item.analysis_id), col(Topic.number) == col(item.topic_number)),
            isouter=True,
        )
        .where(col(item.analysis_id) == own.analysis.id)
    )
    if both:
        query = query.where(col(item.content_sha256) != col(twin.content_sha256))
    else:
        query = query.where(col(twin.id).is_(None))
    if community:
        query = query.where(col(item.community) == community)
    rows = session.execute(newest_first(query, col(item.id), cursor, limit)).all()
    kept, next_cursor = cut(rows, limit, lambda row: [row[0].id])
    return Page(
        rows=[
            ChangedItemView(
                item_id=mine.id,
                analysis_id=mine.analysis_id,
                community=mine.community,
                author=mine.author,
                permalink=mine.permalink,
                posted_at=mine.posted_at,
                title=mine.title,
                text=mine.text,
                before_title=theirs.title if both else None,
                before_text=theirs.text if both else None,
                cause=None if both else why,
                topic=topic,
            )
            for mine, theirs, why, topic in kept
        ],
        next_cursor=next_cursor,
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
