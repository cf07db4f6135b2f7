"""Putting work in line: rows first, messages after commit, and never many of one analysis in the broker at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.clock import now as clock_now
from app.core.db import database_now
from app.core.ids import new_id
from app.core.jobs import QueueClass, Wakeup, wake
from app.models import Analysis, AnalysisStatus, Job, JobStatus
from app.services.moves import move_jobs
from app.services.transitions import JOB_FIRST, JOB_WAITING, JobMove

BROKER_SHARE = 4
"""Messages that one analysis may have with the workers at a time, so that a big one cannot starve a small one."""

RESEND_SECONDS = 5.0
"""A message that was not answered by a claim for this long is sent again; a second one finds its job taken."""

QUEUE_OF_KIND: Mapping[str, QueueClass] = {
    "collect": QueueClass.COLLECT,
    "clean": QueueClass.ANALYSE,
    "score": QueueClass.ANALYSE,
    "cluster": QueueClass.ANALYSE,
    "synthesise": QueueClass.ANALYSE,
    "report": QueueClass.ANALYSE,
}


def enqueue(
    session: Session,
    analysis: Analysis,
    *,
    kind: str,
    name: str,
    payload: Mapping[str, object],
    provider: str | None = None,
    total: int | None = None,
    max_attempts: int = 3,
    queue: QueueClass | None = None,
) -> None:
    """Add a job; one of the same name that is closed, of an earlier round of its stage, is done once more.

    Args:
        session: The transaction of the change that makes the job necessary.
        analysis: Whose job it is.
        kind: Name of the handler.
        name: Unique among the analysis's jobs (`collect:0`).
        payload: What the handler needs, as plain JSON.
        provider: Registry id of the provider that it will call.
        total: Items expected, if known.
        max_attempts: Claims that may fail before it is given up.
        queue: Which workers take it, where that is not decided by its kind.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    now = database_now(session)
    dedupe_key = f"{analysis.id}:{name}"
    added = session.connection().execute(
        insert(Job)
        .values(
            id=new_id(),
            workspace_id=analysis.workspace_id,
            analysis_id=analysis.id,
            kind=kind,
            queue=(queue or QUEUE_OF_KIND[kind]).value,
            dedupe_key=dedupe_key,
            payload=dict(payload),
            payload_version=1,
            status=JOB_FIRST.value,
            provider=provider,
            done=0,
            total=total,
            weight=1.0,
            attempts=0,
            max_attempts=max_attempts,
            fence=0,
            priority=analysis.priority,
            run_after=now,
            cost_micros=0,
            created_at=clock_now(),
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(col(Job.id))
    )
    if added.first() is None:
        move_jobs(
            session,
            JobMove.REPEAT,
            col(Job.dedupe_key) == dedupe_key,
            payload=dict(payload),
            total=total,
            cursor=None,
            done=0,
            attempts=0,
            run_after=now,
            sent_at=None,
            worker=None,
            started_at=None,
            finished_at=None,
            error_kind=None,
            error_message=None,
        )


def dispatch(session: Session, analysis_id: str, *, resend: bool = False) -> int:
    """Hand the analysis's next due jobs to the workers, up to its share, after commit.

    Args:
        session: A write transaction that holds the analysis's lock.
        analysis_id: Whose jobs.
        resend: Also send again what was sent `RESEND_SECONDS` ago and never claimed: its message may be lost.

    Returns:
        How many messages will be sent.
    """
    now = database_now(session)
    stale = now - timedelta(seconds=RESEND_SECONDS)
    under_way = session.exec(
        select(func.count())
        .select_from(Job)
        .where(
            Job.analysis_id == analysis_id,
            or_(
                col(Job.status) == JobStatus.RUNNING,
                col(Job.status).in_(JOB_WAITING) & col(Job.sent_at).is_not(None) & (col(Job.sent_at) > stale)
                if resend
                else col(Job.status).in_(JOB_WAITING) & col(Job.sent_at).is_not(None),
            ),
        )
    ).one()
    room = BROKER_SHARE - int(under_way)
    if room <= 0:
        return 0
    unsent = col(Job.sent_at).is_(None)
    rows = session.exec(
        select(Job.id, Job.queue)
        .where(
            Job.analysis_id == analysis_id,
            col(Job.status).in_(JOB_WAITING),
            col(Job.run_after) <= now,
            or_(unsent, col(Job.sent_at) <= stale) if resend else unsent,
        )
        .order_by(col(Job.id))
        .limit(room)
    ).all()
    return send(session, [(identifier, queue) for identifier, queue in rows], now)


def send(session: Session, rows: list[tuple[str, str]], now: datetime) -> int:
    """Mark jobs as sent and wake the workers after commit; returns how many."""
    if not rows:
        return 0
    session.connection().execute(
        update(Job).where(col(Job.id).in_([identifier for identifier, _ in rows])).values(sent_at=now)
    )
    for identifier, queue in rows:
        wake(session, Wakeup(identifier, QueueClass(queue)))
    return len(rows)


def others_wait(session: Session, analysis_id: str) -> bool:
    """Return whether another analysis has a due job that nobody has taken: time to give the slot back."""
    return (
        session.exec(
            select(Job.id)
            .join(Analysis, col(Analysis.id) == col(Job.analysis_id))
            .where(
                col(Job.status).in_(JOB_WAITING),
                col(Job.run_after) <= database_now(session),
                col(Job.analysis_id) != analysis_id,
                col(Analysis.status).in_([AnalysisStatus.QUEUED, AnalysisStatus.RUNNING]),
            )
            .limit(1)
        ).first()
        is not None
    )
