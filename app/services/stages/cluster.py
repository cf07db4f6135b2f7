"""Cluster: topics and the map over everything worth reading, in one transaction, replaced as a whole when run again.

In an analysis that asks an earlier one again, topics keep the numbers, names and so the colours that they had there.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, insert, update
from sqlmodel import Session, col, select

from app.core.ids import new_id
from app.models import Analysis, Item, Topic
from app.services.pipeline.cluster import cluster
from app.services.pipeline.compare import Known, keep_names
from app.services.reading import records, worth_reading
from app.services.stages.embedder import STAMP, chosen_embedder
from app.services.stages.work import Work


def run(work: Work) -> None:
    """Find the topics of the analysis."""
    analysis_id = work.held.analysis_id
    with work.read() as session:
        readable = records(session, analysis_id, *worth_reading(), col(Item.sentiment_label).is_not(None))
        known, held, keys = _predecessor(session, analysis_id)
        made_with = _made_with(session, analysis_id)
    name, embedder = chosen_embedder(made_with)
    clustering = cluster(readable, embedder=embedder)
    found = keep_names(clustering.topics, known, keys, held)
    ranks = {item_id: (topic.number, rank) for topic in found for rank, item_id in enumerate(topic.item_ids)}
    places = []
    for item_id, (x, y) in clustering.places.items():
        number, rank = ranks.get(item_id, (None, None))
        places.append({"item": item_id, "new_topic": number, "new_rank": rank, "new_x": x, "new_y": y})
    with work.finish(done=work.held.total or len(readable)) as (session, analysis):
        analysis.versions = {**analysis.versions, STAMP: str(name)}
        connection = session.connection()
        connection.execute(delete(Topic).where(col(Topic.analysis_id) == analysis_id))
        connection.execute(
            update(Item)
            .where(
                col(Item.analysis_id) == analysis_id, col(Item.map_x).is_not(None) | col(Item.topic_number).is_not(None)
            )
            .values(topic_number=None, topic_rank=None, map_x=None, map_y=None)
        )
        if not found:
            return
        connection.execute(
            insert(Topic),
            [
                {
                    "id": new_id(),
                    "analysis_id": analysis_id,
                    "number": topic.number,
                    "name": topic.name,
                    "terms": list(topic.terms),
                    "items": len(topic.item_ids),
                    "sentiment": topic.sentiment,
                }
                for topic in found
            ],
        )
        connection.execute(_PLACE, places)


def _predecessor(session: Session, analysis_id: str) -> tuple[list[Known], frozenset[str], dict[str, str]]:
    """Return the topics of the run that this one repeats, what that run holds, and what names our items in both."""
    before = session.get_one(Analysis, analysis_id).rerun_of
    topics = [] if before is None else session.exec(select(Topic).where(Topic.analysis_id == before)).all()
    if not topics:
        return [], frozenset(), {}
    theirs = _keys(session, before)
    members: dict[int, set[str]] = {}
    for _, key, number in theirs:
        if number is not None:
            members.setdefault(number, set()).add(key)
    known = [
        Known(topic.number, topic.name, tuple(topic.terms), frozenset(members.get(topic.number, ())))
        for topic in topics
    ]
    return (
        sorted(known, key=lambda topic: topic.number),
        frozenset(key for _, key, _ in theirs),
        {item_id: key for item_id, key, _ in _keys(session, analysis_id)},
    )


def _made_with(session: Session, analysis_id: str) -> str | None:
    """Return the embedder of this analysis's topics, or of the run that it repeats; None for the first ones."""
    analysis = session.get_one(Analysis, analysis_id)
    own: str | None = analysis.versions.get(STAMP)
    if own is not None or analysis.rerun_of is None:
        return own
    before = session.get(Analysis, analysis.rerun_of)
    return None if before is None else before.versions.get(STAMP)


def _keys(session: Session, analysis_id: str | None) -> list[tuple[str, str, int | None]]:
    rows = session.exec(
        select(Item.id, Item.provider, Item.external_id, Item.topic_number).where(Item.analysis_id == analysis_id)
    )
    return [(item_id, f"{provider}:{external_id}", number) for item_id, provider, external_id, number in rows]


_PLACE = (
    update(Item.__table__)  # type: ignore[attr-defined]  # SQLModel adds it to table classes
    .where(Item.__table__.c.id == bindparam("item"))  # type: ignore[attr-defined]
    .values(
        topic_number=bindparam("new_topic"),
        topic_rank=bindparam("new_rank"),
        map_x=bindparam("new_x"),
        map_y=bindparam("new_y"),
    )
)
