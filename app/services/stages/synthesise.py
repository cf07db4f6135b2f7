"""Synthesise: opportunities from the topics, each with quotes that stand word for word in stored items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, update
from sqlmodel import Session, col, select

from app.core.clock import now, rfc3339
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.models import Analysis, Evidence, Item, Opportunity, OpportunityItem, Topic
from app.services import choices, engines, timeline
from app.services.engines import ModelEngine
from app.services.pipeline.local_engine import LocalEngine
from app.services.pipeline.model_prompts import VERSION
from app.services.pipeline.records import OpportunityFound, Quote, TopicFound
from app.services.pipeline.synthesise import synthesise
from app.services.reading import record, worth_weighing
from app.services.stages.model_desk import AwaitsChoice
from app.services.stages.model_reading import Material, Outcome, Reading, local_summary
from app.services.stages.work import Work
from app.services.versions import versions

LOCAL = "local"
"""How findings name the local engine."""
FEATURE = "ai_synthesis"
"""What the stamp on an analysis says ran with less."""


def run(work: Work) -> None:
    """Find the opportunities of the analysis: with a model where one is to be asked, else with the local engine."""
    engine, why = _engine(work)
    material = _material(work)
    outcome = None
    if engine is not None:
        reading = Reading(work, engine, material)
        try:
            if _wants_rescoring(work) and reading.rescore():
                material = _material(work)
                reading = reading.over(material)
            outcome = reading.outcome()
        except AwaitsChoice:
            return  # what was answered is kept; the job is paused already
        why = reading.unusable
    if outcome is None:
        found = synthesise(LocalEngine(material.intents), material.topics, material.records, material.intents)
        outcome = Outcome(found, complete=not why)
    with work.finish(done=work.held.total or len(material.records)) as (session, analysis):
        _replace(session, analysis, outcome, engine)
        _stamp(session, analysis, outcome, why)


def _engine(work: Work) -> tuple[ModelEngine | None, str]:
    """Return the model to ask, or why the one that was asked for cannot be, as a sentence."""
    with work.read() as session:
        analysis = session.get_one(Analysis, work.held.analysis_id)
    try:
        found = engines.for_request(analysis.engine, sample=analysis.sample, cap_micros=analysis.cap_micros)
    except InvalidInput as error:
        return None, error.message
    return found, ""


def _wants_rescoring(work: Work) -> bool:
    with work.read() as session:
        return bool(session.get_one(Analysis, work.held.analysis_id).request.get("rescore"))


def _material(work: Work) -> Material:
    analysis_id = work.held.analysis_id
    with work.read() as session:
        items = session.exec(
            select(Item).where(Item.analysis_id == analysis_id, *worth_weighing()).order_by(col(Item.id))
        ).all()
        topics = found_topics(session, analysis_id, items)
        question = session.get_one(Analysis, analysis_id).question
    intents = {item.id: tuple(item.intents) for item in items}
    return Material([record(item) for item in items], topics, intents, question)


def _replace(session: Session, analysis: Analysis, outcome: Outcome, engine: ModelEngine | None) -> None:
    connection = session.connection()
    connection.execute(delete(Evidence).where(col(Evidence.analysis_id) == analysis.id))
    old = select(Opportunity.id).where(Opportunity.analysis_id == analysis.id)
    connection.execute(delete(OpportunityItem).where(col(OpportunityItem.opportunity_id).in_(old)))
    connection.execute(delete(Opportunity).where(col(Opportunity.analysis_id) == analysis.id))
    for rank, opportunity in enumerate(outcome.found):
        _store(session, analysis.workspace_id, analysis.id, rank, opportunity)
    for number, name in outcome.names.items():
        connection.execute(
            update(Topic).where(col(Topic.analysis_id) == analysis.id, col(Topic.number) == number).values(name=name)
        )
    sentences = outcome.summary or local_summary(outcome.found)
    analysis.summary = {
        "engine": engine.name if engine is not None and outcome.summary else "local",
        "sentences": [{"text": cited.text, "item_ids": list(cited.item_ids)} for cited in sentences],
    }
    # Those that it was asked with may be older: it waited for its turn, or for its owner, over an upgrade.
    analysis.versions = {**analysis.versions, **versions()}
    if engine is not None:
        analysis.versions = {**analysis.versions, "model": engine.key, "prompts": VERSION}


def _stamp(session: Session, analysis: Analysis, outcome: Outcome, why: str) -> None:
    """Say on the analysis, and in its timeline, where something less than a model's whole reading was used."""
    kept: list[dict[str, Any]] = [stamp for stamp in analysis.degraded if stamp.get("feature") != FEATURE]
    chosen = choices.mode(analysis) == choices.Choice.STOP and not why
    instead = ""
    if not outcome.complete:
        alone = not outcome.summary and not outcome.names and all(found.engine == LOCAL for found in outcome.found)
        instead = f"local engine{' for all' if alone else ''}{', as you chose' if chosen else ''}"
    elif outcome.smaller:
        instead = "a smaller sample, as you chose"
    if instead:
        kept.append({"feature": FEATURE, "since": rfc3339(now()), "instead": instead})
    analysis.degraded = kept
    if why:
        timeline.record(
            session,
            analysis,
            "synthesise.fallback",
            f"{why.rstrip('.')}. The local engine words what the model did not.",
        )


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
            unnamed=found.unnamed,
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
