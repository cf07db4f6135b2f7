"""The index over an analysis's items: made once, kept in the database, made anew when the items are others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from app.core.db import Database
from app.models import Item, Job, SearchShard, Stage
from app.services.ownership import lock_analysis
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.retrieval import ITEMS, RULES, Builder, Index
from app.services.reading import words, worth_reading

CHUNK = 2_000
"""Items read at a time."""


def refresh(database: Database, analysis_id: str) -> None:
    """Make the index unless it is there and of the present items. Opens its own sessions.

    Spam, repeats, what was removed and what speaks to machines is not in it, so no answer counts or quotes it.
    Raises `NotFound` when the analysis has gone meanwhile.
    """
    with database.read() as session:
        made_of = _made_of(session, analysis_id)
        if _is_current(session, analysis_id, made_of):
            return
    builder = Builder()
    last = ""
    while True:
        with database.read() as session:
            rows = session.exec(
                select(Item.id, Item.title, Item.text)
                .where(Item.analysis_id == analysis_id, col(Item.id) > last, *worth_reading())
                .order_by(col(Item.id))
                .limit(CHUNK)
            ).all()
        for item_id, title, text in rows:
            whole = words(title, text)
            if not speaks_to_machines(whole):
                builder.add(item_id, whole)
        if len(rows) < CHUNK:
            break
        last = rows[-1][0]
    with database.write() as session:
        lock_analysis(session, analysis_id)
        if _is_current(session, analysis_id, made_of):  # somebody else asked at the same moment
            return
        session.connection().execute(delete(SearchShard).where(col(SearchShard.analysis_id) == analysis_id))
        session.add_all(
            SearchShard(analysis_id=analysis_id, number=number, made_of=made_of, data=data)
            for number, data in builder.parts()
        )


def index(session: Session, analysis_id: str) -> Index:
    """Return the kept index; each search reads the few parts that it needs."""

    def read(numbers: Sequence[int]) -> Mapping[int, bytes]:
        rows: Sequence[tuple[int, bytes]] = session.exec(
            select(SearchShard.number, SearchShard.data).where(
                SearchShard.analysis_id == analysis_id, col(SearchShard.number).in_(numbers)
            )
        ).all()
        return dict(rows)

    return Index(read)


def _is_current(session: Session, analysis_id: str, made_of: str) -> bool:
    kept = session.exec(
        select(SearchShard.made_of).where(SearchShard.analysis_id == analysis_id, SearchShard.number == ITEMS)
    ).first()
    return kept == made_of


def _made_of(session: Session, analysis_id: str) -> str:
    """Name the items: a later cleaning may leave as many and the same last one, and yet others between them."""
    count, last = session.exec(
        select(func.count(), func.max(Item.id)).where(Item.analysis_id == analysis_id, *worth_reading())
    ).one()
    cleaned = session.exec(
        select(func.max(Job.finished_at)).where(Job.analysis_id == analysis_id, Job.kind == Stage.CLEAN)
    ).one()
    return f"{RULES}:{count}:{last or ''}:{cleaned or ''}"
