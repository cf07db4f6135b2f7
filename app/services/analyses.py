"""Asking for an analysis, looking at it, and steering it."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.errors import Conflict, InvalidInput
from app.core.paging import Page, cut, newest_first
from app.models import Analysis, AnalysisStatus, Item, Opportunity
from app.services import audit, choices, costs, engines, ledger, progress, results, sources, steering_moves, timeline
from app.services.access import Action, Actor, require
from app.services.contract import (
    AnalysisRequest,
    AnalysisRow,
    AnalysisView,
    DegradedView,
    EstimateView,
    MetadataView,
)
from app.services.imports import shelf
from app.services.moves import move_analysis
from app.services.ownership import lock_analysis, owned_analysis
from app.services.providers import check_query, usable_source
from app.services.queueing import check_room
from app.services.stages import plan
from app.services.transitions import AnalysisMove
from app.services.versions import versions


def request(
    session: Session,
    actor: Actor,
    wanted: AnalysisRequest,
    *,
    dedupe_key: str | None = None,
    estimate: EstimateView | None = None,
    rerun_of: str | None = None,
) -> str:
    """Store an analysis and its first jobs, and wake the workers after commit.

    Args:
        session: A write transaction.
        actor: Who asks.
        wanted: What for.
        dedupe_key: The caller's own key for this request; the same key again gives the same analysis.
        estimate: What the caller was shown, kept to compare with what it took.
        rerun_of: The analysis that this one asks again; its topics keep that one's numbers and names.

    Returns:
        The new analysis's id, or that of the one with the same key.

    Raises:
        Conflict: The key was used for another request.
        TooMany: So many jobs wait that no new work is taken.
        InvalidInput: A source is unknown, its query is wrong, sample and real sources are mixed, or a model is asked
            for and none can be asked here.
        NotFound: There is no analysis `rerun_of` in this workspace.
        Unavailable: A source cannot be called here.
        NotPermitted: The actor's role does not allow it.
    """
    require(actor, Action.ANALYSIS_CREATE)
    if rerun_of is not None:
        owned_analysis(session, actor, rerun_of)
    wanted = shelf.settle(session, actor, wanted)
    known = _with_key(session, actor, dedupe_key, wanted)
    if known is not None:
        return known
    check_room(session, actor)
    setups = [usable_source(source.provider) for source in wanted.sources]
    for source in wanted.sources:
        check_query(source.provider, source.query)
    labels = [sources.label(source) for source in wanted.sources]
    if len({sources.identity(source) for source in wanted.sources}) != len(labels):
        raise InvalidInput("The same source is there twice; remove one of them.", field="sources")
    if len({setup.sample for setup in setups}) > 1:
        raise InvalidInput(sources.mixed(setups), field="sources")
    engines.for_request(wanted.engine, sample=setups[0].sample, cap_micros=wanted.max_cost_micros)
    analysis = Analysis(
        workspace_id=actor.workspace_id,
        requested_by=actor.reference,
        dedupe_key=dedupe_key,
        rerun_of=rerun_of,
        question=wanted.question,
        request=wanted.model_dump(mode="json"),
        engine=wanted.engine,
        sample=setups[0].sample,
        cap_micros=wanted.max_cost_micros,
        estimate=None if estimate is None else estimate.model_dump(mode="json"),
        versions=versions(),
    )
    try:
        with session.begin_nested():  # the jobs refer to it, and a twin's key shows here
            session.add(analysis)
    except IntegrityError:
        twin = _with_key(session, actor, dedupe_key, wanted)
        if twin is None:
            raise
        return twin
    audit.record(session, actor, "analysis:create", analysis.id, question=wanted.question, sources=", ".join(labels))
    timeline.record(session, analysis, "analysis.queued", f"Asked for: {', '.join(labels)}.")
    plan.begin(session, analysis, wanted)
    return analysis.id


def view(session: Session, actor: Actor, analysis_id: str) -> AnalysisView:
    """Return the whole of one analysis. Raises `NotFound`."""
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    return AnalysisView(
        id=analysis.id,
        status=analysis.status,
        sample=analysis.sample,
        error=analysis.error,
        request=AnalysisRequest.model_validate(analysis.request),
        progress=progress.view(session, analysis),
        choice=choices.view(analysis),
        degraded=[DegradedView.model_validate(row) for row in analysis.degraded],
        results=results.found(session, analysis),
        cost=costs.breakdown(session, analysis),
        metadata=MetadataView(
            created_at=analysis.created_at,
            started_at=analysis.started_at,
            finished_at=analysis.finished_at,
            versions=analysis.versions,
            manifest_sha256=analysis.manifest_sha256,
            rerun_of=analysis.rerun_of,
        ),
    )


def rows(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[AnalysisRow]:
    """Return the workspace's analyses, newest first. Raises `InvalidInput` for a wrong cursor or limit."""
    require(actor, Action.ANALYSIS_READ)
    query = select(Analysis).where(Analysis.workspace_id == actor.workspace_id)
    found = session.exec(newest_first(query, col(Analysis.id), cursor, limit)).all()
    kept, next_cursor = cut(found, limit, lambda row: [row.id])
    ids = [analysis.id for analysis in kept]
    counts = {
        table: dict(
            session.exec(
                select(table.analysis_id, func.count())
                .where(col(table.analysis_id).in_(ids))
                .group_by(table.analysis_id)
            ).all()
        )
        for table in (Item, Opportunity)
    }
    far = progress.overall_of(session, kept)
    return Page(
        rows=[
            AnalysisRow(
                id=analysis.id,
                status=analysis.status,
                sample=analysis.sample,
                question=analysis.question,
                sources=[sources.label(source) for source in AnalysisRequest.model_validate(analysis.request).sources],
                overall=far[analysis.id],
                items=counts[Item].get(analysis.id, 0),
                opportunities=counts[Opportunity].get(analysis.id, 0),
                spent_micros=analysis.spent_micros,
                cap_micros=analysis.cap_micros,
                created_at=analysis.created_at,
                finished_at=analysis.finished_at,
            )
            for analysis in kept
        ],
        next_cursor=next_cursor,
    )


def pause(session: Session, actor: Actor, analysis_id: str) -> None:
    """Stop after what is committed; nothing is lost. Raises `NotFound`, `Conflict`, `NotPermitted`."""
    analysis = _steer(session, actor, analysis_id, AnalysisMove.PAUSE)
    steering_moves.pause_all(session, analysis.id)
    timeline.record(
        session, analysis, "analysis.paused", "Paused. What was collected stays; resume goes on from there."
    )


def resume(session: Session, actor: Actor, analysis_id: str) -> None:
    """Go on where it stopped. Raises `NotFound`, `Conflict`, `NotPermitted`."""
    analysis = _steer(session, actor, analysis_id, AnalysisMove.RESUME)
    steering_moves.resume_all(session, analysis.id)
    timeline.record(session, analysis, "analysis.resumed", "Resumed.")
    plan.advance(session, analysis)  # what was cancelled meanwhile may have been the last of its stage


def cancel(session: Session, actor: Actor, analysis_id: str) -> None:
    """End it now; what was collected stays readable. Raises `NotFound`, `Conflict`, `NotPermitted`."""
    analysis = _steer(session, actor, analysis_id, AnalysisMove.CANCEL)
    analysis.finished_at = database_now(session)
    steering_moves.cancel_all(session, analysis.id)
    ledger.close_open(session, analysis)
    timeline.record(session, analysis, "analysis.cancelled", "Cancelled. What was collected stays.")


def _with_key(session: Session, actor: Actor, dedupe_key: str | None, wanted: AnalysisRequest) -> str | None:
    """Return the analysis that this key asked for before; None when there is none. Raises `Conflict`."""
    if dedupe_key is None:
        return None
    known = session.exec(
        select(Analysis).where(Analysis.workspace_id == actor.workspace_id, Analysis.dedupe_key == dedupe_key)
    ).first()
    if known is None:
        return None
    if AnalysisRequest.model_validate(known.request) != wanted:
        raise Conflict("This key was used for another request; send a new key with it.")
    return known.id


def _steer(session: Session, actor: Actor, analysis_id: str, move: AnalysisMove) -> Analysis:
    require(actor, Action.ANALYSIS_STEER)
    owned_analysis(session, actor, analysis_id)
    analysis = lock_analysis(session, analysis_id)
    if move is AnalysisMove.RESUME and analysis.status == AnalysisStatus.RUNNING:
        raise Conflict("This analysis is running already.")
    if move is AnalysisMove.RESUME and analysis.status == AnalysisStatus.NEEDS_CHOICE:
        raise Conflict("This analysis waits for your choice about its cost: go on, go on cheaper, or stop.")
    before = analysis.status
    if before == AnalysisStatus.NEEDS_AUTH or move is AnalysisMove.RESUME:
        analysis.error = plan.shortfall(session, analysis.id)  # it may have asked for a connection
    move_analysis(analysis, move)
    audit.record(session, actor, f"analysis:{move}", analysis.id, before=before, after=analysis.status)
    return analysis
