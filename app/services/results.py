"""What an analysis found: counts, topics, opportunities with their evidence, and the figures of the overview."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import case, func
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.ids import is_id
from app.models import Analysis, Evidence, Item, Opportunity, Topic
from app.services.access import Action, Actor, require
from app.services.contract import (
    DayCounts,
    EvidenceView,
    MetricView,
    OpportunityView,
    OverviewView,
    ResultsView,
    SummaryView,
    TopicCounts,
    TopicView,
)
from app.services.ownership import owned_analysis
from app.services.pipeline.local_engine import LocalEngine
from app.services.reading import worth_reading


def topics(session: Session, actor: Actor, analysis_id: str) -> list[TopicView]:
    """Return the topics, largest first. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    return _topics(session, owned_analysis(session, actor, analysis_id).id)


def opportunities(session: Session, actor: Actor, analysis_id: str) -> list[OpportunityView]:
    """Return the opportunities, best first, with their evidence. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    return _opportunities(session, owned_analysis(session, actor, analysis_id).id)


def opportunity(session: Session, actor: Actor, analysis_id: str, opportunity_id: str) -> OpportunityView:
    """Return one opportunity. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    row = session.get(Opportunity, opportunity_id) if is_id(opportunity_id) else None
    if row is None or row.analysis_id != analysis.id:
        raise NotFound("There is no such opportunity in this analysis; look at the list of them.")
    return _shown(session, analysis.id, [row])[0]


def overview(session: Session, actor: Actor, analysis_id: str) -> OverviewView:
    """Return items by day and by topic, split by sentiment. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    return OverviewView(days=_days(session, analysis.id), topics=_topic_counts(session, analysis.id))


def found(session: Session, analysis: Analysis) -> ResultsView:
    """Return everything found so far."""
    summary = None if analysis.summary is None else SummaryView.model_validate(analysis.summary)
    opportunities = _opportunities(session, analysis.id)
    engines = {one.engine for one in opportunities} | ({summary.engine} if summary else set())
    return counts(session, analysis.id).model_copy(
        update={
            "summary": summary,
            "topics": _topics(session, analysis.id),
            "opportunities": opportunities,
            "question_read": engines != {LocalEngine.name} if engines else None,
        }
    )


def counts(session: Session, analysis_id: str) -> ResultsView:
    """Return how many items there are of each kind, in one pass over the analysis's rows.

    Spam, repeats and removed items are counted once each, in this order of precedence: removed, spam, duplicate.
    """
    spam = col(Item.spam) & ~col(Item.removed)
    repeat = col(Item.duplicate_of).is_not(None) & ~col(Item.spam) & ~col(Item.removed)
    row = session.execute(
        select(  # type: ignore[call-overload]  # more columns than the overloads name
            func.count(),
            func.sum(case((repeat, 1), else_=0)),
            func.sum(case((spam, 1), else_=0)),
            func.sum(case((col(Item.removed), 1), else_=0)),
            func.sum(case((col(Item.scored) & col(Item.sentiment_label).is_(None), 1), else_=0)),
            func.sum(case((col(Item.sentiment_label) == "negative", 1), else_=0)),
            func.sum(case((col(Item.sentiment_label) == "neutral", 1), else_=0)),
            func.sum(case((col(Item.sentiment_label) == "positive", 1), else_=0)),
        ).where(Item.analysis_id == analysis_id)
    ).one()
    items, repeats, spams, removed, unscored, negative, neutral, positive = (int(value or 0) for value in row)
    return ResultsView(
        items=items,
        duplicates=repeats,
        spam=spams,
        removed=removed,
        unscored_language=unscored,
        sentiment={"negative": negative, "neutral": neutral, "positive": positive},
    )


def _topics(session: Session, analysis_id: str) -> list[TopicView]:
    rows = session.exec(
        # Not by number: a run that asks again keeps the numbers of its predecessor's topics, whatever their size now.
        select(Topic).where(Topic.analysis_id == analysis_id).order_by(col(Topic.items).desc(), col(Topic.number))
    ).all()
    return [
        TopicView(
            id=row.id, number=row.number, name=row.name, terms=row.terms, items=row.items, sentiment=row.sentiment
        )
        for row in rows
    ]


def _opportunities(session: Session, analysis_id: str) -> list[OpportunityView]:
    rows = session.exec(
        select(Opportunity).where(Opportunity.analysis_id == analysis_id).order_by(col(Opportunity.rank))
    ).all()
    return _shown(session, analysis_id, rows)


def _shown(session: Session, analysis_id: str, rows: Sequence[Opportunity]) -> list[OpportunityView]:
    if not rows:
        return []
    names = dict(session.exec(select(Topic.number, Topic.name).where(Topic.analysis_id == analysis_id)).all())
    quotes: dict[tuple[str, bool], list[EvidenceView]] = defaultdict(list)
    pairs = session.exec(
        select(Evidence, Item)
        .join(Item, col(Item.id) == col(Evidence.item_id))
        .where(col(Evidence.opportunity_id).in_([row.id for row in rows]))
        .order_by(col(Evidence.position))
    )
    for evidence, item in pairs:
        quotes[evidence.opportunity_id, evidence.against].append(_evidence(evidence, item))
    return [
        OpportunityView(
            id=row.id,
            title=row.title,
            summary=row.summary,
            kind=row.kind,
            score=row.score,
            score_interval=(row.score_low, row.score_high),
            confidence=row.confidence,
            engine=row.engine,
            metrics={name: MetricView.model_validate(metric) for name, metric in row.metrics.items()},
            anti_patterns=row.anti_patterns,
            items=row.items,
            authors=row.authors,
            unnamed=row.unnamed,
            threads=row.threads,
            topic=None if row.topic_number is None else names.get(row.topic_number),
            evidence=quotes[row.id, False],
            against=quotes[row.id, True],
        )
        for row in rows
    ]


def _evidence(evidence: Evidence, item: Item) -> EvidenceView:
    return EvidenceView(
        item_id=item.id,
        quote=evidence.quote,
        start=evidence.start,
        end=evidence.end,
        verified="repaired" if evidence.verified == "repaired" else "verified",
        permalink=item.permalink,
        community=item.community,
        author=item.author,
        posted_at=item.posted_at,
    )


def _days(session: Session, analysis_id: str) -> list[DayCounts]:
    day = (
        func.to_char(Item.posted_at, "YYYY-MM-DD")
        if session.get_bind().dialect.name == "postgresql"
        else func.strftime("%Y-%m-%d", Item.posted_at)
    ).label("day")
    label = func.coalesce(Item.sentiment_label, "unscored").label("label")
    rows = session.execute(
        select(day, label, func.count())
        .where(Item.analysis_id == analysis_id, col(Item.scored), *worth_reading())
        .group_by(day, label)
    )
    days: dict[str, dict[str, int]] = defaultdict(dict)
    for moment, name, count in rows:
        days[moment][name] = int(count)
    return [DayCounts.model_validate({"day": date.fromisoformat(moment), **days[moment]}) for moment in sorted(days)]


def _topic_counts(session: Session, analysis_id: str) -> list[TopicCounts]:
    label = func.coalesce(Item.sentiment_label, "unscored")
    rows = session.execute(
        select(Item.topic_number, label, func.count())
        .where(Item.analysis_id == analysis_id, col(Item.topic_number).is_not(None))
        .group_by(col(Item.topic_number), label)
    )
    by_topic: dict[int, dict[str, int]] = defaultdict(dict)
    for number, name, count in rows:
        if number is not None and name != "unscored":
            by_topic[number][name] = int(count)
    return [
        TopicCounts.model_validate(
            {"number": topic.number, "name": topic.name, "items": topic.items, **by_topic[topic.number]}
        )
        for topic in _topics(session, analysis_id)
    ]
