"""Synthesise: opportunities from the topics, each with quotes that stand word for word in stored items."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from app.core.ids import new_id
from app.models import Evidence, Item, Opportunity, OpportunityItem, Topic
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.records import OpportunityFound, Quote, TopicFound
from app.services.pipeline.synthesise import synthesise
from app.services.stages.reading import record, worth_weighing
from app.services.stages.work import Work


def run(work: Work) -> None:
    """Find the opportunities of the analysis."""
    analysis_id = work.held.analysis_id
    with work.read() as session:
        items = session.exec(
            select(Item).where(Item.analysis_id == analysis_id, *worth_weighing()).order_by(col(Item.id))
        ).all()
        topics = found_topics(session, analysis_id, items)
    intents = {item.id: tuple(item.intents) for item in items}
    found = synthesise(LocalEngine(intents), topics, [record(item) for item in items], intents)
    with work.finish(done=work.held.total or len(items)) as (session, analysis):
        connection = session.connection()
        connection.execute(delete(Evidence).where(col(Evidence.analysis_id) == analysis_id))
        old = select(Opportunity.id).where(Opportunity.analysis_id == analysis_id)
        connection.execute(delete(OpportunityItem).where(col(OpportunityItem.opportunity_id).in_(old)))
        connection.execute(delete(Opportunity).where(col(Opportunity.analysis_id) == analysis_id))
        for rank, opportunity in enumerate(found):
            _store(session, analysis.workspace_id, analysis_id, rank, opportunity)


def found_topics(session: Session, analysis_id: str, items: Sequence[Item]) -> list[TopicFound]:
    """Return the stored topics as the pure stage found them."""
    members: dict[int, list[tuple[int, str]]] = {}
    for item in items:
        if item.topic_number is not None:
            members.setdefault(item.topic_number, []).append((item.topic_rank or 0, item.id))
    rows = session.exec(select(Topic).where(Topic.analysis_id == analysis_id).order_by(col(Topic.number)))
    return [
        TopicFound(
            number=row.number,
            name=row.name,
            terms=tuple(row.terms),
            item_ids=tuple(item_id for _, item_id in sorted(members.get(row.number, []))),
            sentiment=row.sentiment,
        )
        for row in rows
    ]


def _store(session: Session, workspace_id: str, analysis_id: str, rank: int, found: OpportunityFound) -> None:
    identifier = new_id()
    connection = session.connection()
    connection.execute(
        insert(Opportunity).values(
            id=identifier,
            workspace_id=workspace_id,
            analysis_id=analysis_id,
            rank=rank,
            title=found.title,
            summary=found.summary,
            kind=found.kind,
            score=found.score,
            score_low=found.score_interval[0],
            score_high=found.score_interval[1],
            confidence=found.confidence,
            engine=found.engine,
            metrics={
                name: {"value": metric.value, "weight": metric.weight, "evidence": list(metric.evidence)}
                for name, metric in found.metrics.items()
            },
            anti_patterns=[
                {
                    "name": pattern.name,
                    "why": pattern.why,
                    "items": pattern.items,
                    "quotes": [
                        {"item_id": quote.item_id, "quote": quote.text, "start": quote.start, "end": quote.end}
                        for quote in pattern.quotes
                    ],
                }
                for pattern in found.anti_patterns
            ],
            topic_number=found.topic,
            items=found.items,
            authors=found.authors,
            threads=found.threads,
        )
    )
    rows = [
        *_rows(analysis_id, identifier, found.evidence, against=False),
        *_rows(analysis_id, identifier, found.against, against=True),
    ]
    if rows:
        connection.execute(insert(Evidence), rows)
    connection.execute(
        insert(OpportunityItem),
        [
            {"opportunity_id": identifier, "item_id": item_id, "position": position}
            for position, item_id in enumerate(found.supporters)
        ],
    )


def _rows(
    analysis_id: str, opportunity_id: str, quotes: Sequence[Quote], *, against: bool
) -> list[dict[str, str | int | bool]]:
    return [
        {
            "id": new_id(),
            "analysis_id": analysis_id,
            "opportunity_id": opportunity_id,
            "item_id": quote.item_id,
            "against": against,
            "position": position,
            "quote": quote.text,
            "start": quote.start,
            "end": quote.end,
            "verified": quote.verification.value,
        }
        for position, quote in enumerate(quotes)
    ]
