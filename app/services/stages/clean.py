"""Clean: language, spam and repeats of every item, oldest first, so that a repeat points at what it repeats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, literal, tuple_, update
from sqlmodel import col, select

from app.core.db import UtcDateTime
from app.models import Item
from app.services.pipeline.clean import Cleaner
from app.services.pipeline.records import Cleaned
from app.services.reading import record
from app.services.stages.work import Work, cursor_of

BATCH = 500
"""Items of one commit."""


def run(work: Work) -> None:
    """Clean all items of the analysis, from the cursor on."""
    cleaner = Cleaner()
    cursor = cursor_of(work.held)
    done = work.held.done
    if cursor:
        _remember(work, cleaner, cursor)
    while True:
        rows = _next(work, cursor)
        if not rows:
            break
        cleaned = cleaner.clean([record(row) for row in rows])
        done += len(rows)
        cursor = {"posted_at": rows[-1].posted_at.isoformat(), "id": rows[-1].id}
        with work.commit(cursor=cursor, done=done) as (session, _):
            session.connection().execute(_UPDATE, values(cleaned))
        work.pause_for_others()
    with work.finish(total=done):
        pass


def values(cleaned: Sequence[Cleaned]) -> list[dict[str, object]]:
    """Return what is written of each item."""
    return [
        {
            "item": found.id,
            "new_language": found.language,
            "new_spam": found.spam,
            "new_score": found.spam_score,
            "new_reasons": list(found.spam_reasons),
            "new_original": found.duplicate_of,
        }
        for found in cleaned
    ]


_UPDATE = (
    update(Item.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    .where(Item.__table__.c.id == bindparam("item"))  # type: ignore[attr-defined]
    .values(
        cleaned=True,
        language=bindparam("new_language"),
        spam=bindparam("new_spam"),
        spam_score=bindparam("new_score"),
        spam_reasons=bindparam("new_reasons"),
        duplicate_of=bindparam("new_original"),
    )
)


def _next(work: Work, cursor: dict[str, Any]) -> list[Item]:
    query = select(Item).where(Item.analysis_id == work.held.analysis_id)
    if cursor:
        query = query.where(_place_of_item > _place(cursor))
    with work.read() as session:
        return list(session.exec(query.order_by(col(Item.posted_at), col(Item.id)).limit(BATCH)).all())


def _remember(work: Work, cleaner: Cleaner, cursor: dict[str, Any]) -> None:
    """Rebuild what the cleaner knew before it was stopped."""
    with work.read() as session:
        rows = session.exec(
            select(Item)
            .where(Item.analysis_id == work.held.analysis_id, _place_of_item <= _place(cursor))
            .order_by(col(Item.posted_at), col(Item.id))
        ).all()
    cleaner.remember((record(row) for row in rows), {row.id: row.duplicate_of for row in rows})


_place_of_item = tuple_(col(Item.posted_at), col(Item.id))


def _place(cursor: dict[str, Any]) -> ColumnElement[Any]:
    return tuple_(literal(datetime.fromisoformat(cursor["posted_at"]), UtcDateTime), literal(str(cursor["id"])))
