"""Finding a row for an actor: what belongs to another workspace is not there."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.ids import is_id
from app.models import Analysis, Job
from app.services.access import Actor, ActorKind

MISSING = "There is no such analysis in this workspace; check the address or look at the list of analyses."


def owned_analysis(session: Session, actor: Actor, analysis_id: str) -> Analysis:
    """Return the analysis.

    Raises:
        NotFound: It does not exist, belongs to another workspace, or the id is malformed: one and the same answer.
    """
    if is_id(analysis_id):
        row = session.get(Analysis, analysis_id)
        if row is not None and (actor.kind is ActorKind.SYSTEM or row.workspace_id == actor.workspace_id):
            return row
    raise NotFound(MISSING)


def lock_analysis(session: Session, analysis_id: str) -> Analysis:
    """Return the analysis, locked until the transaction ends.

    Every writer takes this lock before any job's, so two never wait for each other; on SQLite the transaction itself
    is the lock.

    Raises:
        NotFound: It does not exist any more.
    """
    row = session.exec(
        select(Analysis)
        .where(col(Analysis.id) == analysis_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(MISSING)
    return row


def lock_analyses_of(session: Session, job_ids: Collection[str]) -> dict[str, Analysis]:
    """Return the analyses of some jobs by their ids, locked in one order, so that two never wait for each other."""
    rows = session.exec(
        select(Analysis)
        .where(col(Analysis.id).in_(select(Job.analysis_id).where(col(Job.id).in_(job_ids))))
        .order_by(col(Analysis.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    return {row.id: row for row in rows}
