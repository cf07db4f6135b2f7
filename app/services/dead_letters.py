"""Jobs that were given up, for their owner: what, why, with which payload, after how many attempts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.paging import Page, cut, newest_first
from app.models import DeadLetter, Job
from app.services.access import Action, Actor, require
from app.services.contract.basics import Contract, Moment
from app.services.jobs import label_of
from app.services.ownership import owned_analysis


class DeadLetterView(Contract):
    """One job that was given up."""

    id: str
    job_id: str
    analysis_id: str | None
    kind: str
    label: str
    reason: str
    payload: dict[str, Any]
    attempts: int
    at: Moment
    resolved_at: Moment | None
    resolution: str | None
    """`retried`, `edited`, `discarded` or `repeated`; None while it lies there."""


def rows(
    session: Session,
    actor: Actor,
    *,
    analysis_id: str | None = None,
    resolved: bool = False,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[DeadLetterView]:
    """Return the workspace's dead letters, newest first.

    Args:
        session: Any session.
        actor: Who asks.
        analysis_id: Only those of one analysis.
        resolved: Also those that were retried or discarded.
        cursor: Where the next ones start.
        limit: Most rows.

    Raises:
        NotFound: There is no such analysis.
        InvalidInput: The cursor or the limit is wrong.
    """
    require(actor, Action.ANALYSIS_READ)
    query = (
        select(DeadLetter, Job)
        .join(Job, col(Job.id) == col(DeadLetter.job_id))
        .where(DeadLetter.workspace_id == actor.workspace_id)
    )
    if analysis_id is not None:
        query = query.where(Job.analysis_id == owned_analysis(session, actor, analysis_id).id)
    if not resolved:
        query = query.where(col(DeadLetter.resolved_at).is_(None))
    found = session.exec(newest_first(query, col(DeadLetter.id), cursor, limit)).all()
    kept, next_cursor = cut(found, limit, lambda row: [row[0].id])
    return Page([_view(letter, job) for letter, job in kept], next_cursor)


def resolve(session: Session, job_ids: Collection[str], how: str) -> int:
    """Close the open letters of some jobs; returns how many. The caller holds the analysis's lock."""
    if not job_ids:
        return 0
    closed = session.connection().execute(
        update(DeadLetter)
        .where(col(DeadLetter.job_id).in_(job_ids), col(DeadLetter.resolved_at).is_(None))
        .values(resolved_at=database_now(session), resolution=how)
    )
    return closed.rowcount


def _view(letter: DeadLetter, job: Job) -> DeadLetterView:
    return DeadLetterView(
        id=letter.id,
        job_id=letter.job_id,
        analysis_id=job.analysis_id,
        kind=job.kind,
        label=label_of(job),
        reason=letter.reason,
        payload=letter.payload,
        attempts=letter.attempts,
        at=letter.created_at,
        resolved_at=letter.resolved_at,
        resolution=letter.resolution,
    )
