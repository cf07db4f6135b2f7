"""Report: the counts of the result, and a manifest whose hash says whether two results are the same."""

from __future__ import annotations

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from app.models import Analysis, Evidence, Item, Opportunity, OpportunityItem, Topic
from app.services import results, search
from app.services.contract import ResultsView
from app.services.pipeline.report import manifest
from app.services.stages.work import Work


def run(work: Work) -> None:
    """Count, hash, and end the analysis."""
    analysis_id = work.held.analysis_id
    with work.read() as session:
        counts = results.counts(session, analysis_id)
        digest = _digest(session, analysis_id, counts)
    search.refresh(work.database, analysis_id)  # so that the first question need not wait for it
    with work.finish(done=1, total=1) as (_, analysis):
        analysis.results = counts.model_dump(mode="json", exclude={"summary", "topics", "opportunities"})
        analysis.manifest_sha256 = digest


def _digest(session: Session, analysis_id: str, counts: ResultsView) -> str:
    """Return the manifest's hash: over what was asked, by which versions, from which words, with which findings.

    It names items by their provider's ids, not ours, so that a second run over the same words gives the same hash.
    """
    analysis = session.get_one(Analysis, analysis_id)
    items = session.exec(
        select(Item.provider, Item.external_id, Item.content_sha256)
        .where(Item.analysis_id == analysis_id)
        .order_by(col(Item.provider), col(Item.external_id))
    ).all()
    topics = session.exec(select(Topic).where(Topic.analysis_id == analysis_id).order_by(col(Topic.number))).all()
    quotes = session.execute(
        select_columns(
            col(Opportunity.rank),
            col(Evidence.against),
            col(Evidence.position),
            col(Item.external_id),
            col(Evidence.quote),
        )
        .join(Evidence, col(Evidence.opportunity_id) == col(Opportunity.id))
        .join(Item, col(Item.id) == col(Evidence.item_id))
        .where(col(Opportunity.analysis_id) == analysis_id)
        .order_by(col(Opportunity.rank), col(Evidence.against), col(Evidence.position))
    ).all()
    supporters: dict[int, list[str]] = {}
    pairs = session.execute(
        select_columns(col(Opportunity.rank), col(Item.provider), col(Item.external_id))
        .join(OpportunityItem, col(OpportunityItem.opportunity_id) == col(Opportunity.id))
        .join(Item, col(Item.id) == col(OpportunityItem.item_id))
        .where(col(Opportunity.analysis_id) == analysis_id)
        .order_by(col(Opportunity.rank), col(Item.provider), col(Item.external_id))
    )
    for rank, provider, external_id in pairs:
        supporters.setdefault(rank, []).append(f"{provider}:{external_id}")
    opportunities = session.exec(
        select(Opportunity).where(Opportunity.analysis_id == analysis_id).order_by(col(Opportunity.rank))
    ).all()
    return manifest(
        request=analysis.request,
        versions=analysis.versions,
        items={f"{provider}:{external_id}": digest for provider, external_id, digest in items},
        counts=counts.model_dump(mode="json", exclude={"summary", "topics", "opportunities"}),
        topics=[[topic.number, topic.name, topic.terms, topic.items] for topic in topics],
        opportunities=[
            {
                "finding": [row.title, row.summary, row.kind, row.score, row.items],
                "items": supporters.get(row.rank, []),
                "anti_patterns": sorted(str(pattern.get("name")) for pattern in row.anti_patterns),
                "quotes": [list(quote[1:]) for quote in quotes if quote[0] == row.rank],
            }
            for row in opportunities
        ],
    ).sha256
