"""The only writers of a status: every one looks its move up in the tables of `transitions`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col

from app.models import Analysis, Job
from app.services.transitions import AnalysisMove, JobMove, analysis_after, job_after, job_sources, job_target


def move_job(job: Job, move: JobMove) -> None:
    """Move one job that the caller holds. Raises `Conflict`."""
    job.status = job_after(job.status, move)


def move_jobs(session: Session, move: JobMove, *conditions: ColumnElement[bool], **values: object) -> int:
    """Move all jobs that fulfil the conditions and stand where the move may begin.

    Args:
        session: A write transaction that holds the lock of the jobs' analysis.
        move: What happens to them.
        conditions: Which jobs.
        values: What else is written of them.

    Returns:
        How many were moved.
    """
    moved = session.connection().execute(
        update(Job)
        .where(col(Job.status).in_(job_sources(move)), *conditions)
        .values(status=job_target(move).value, **values)
    )
    return moved.rowcount


def move_analysis(analysis: Analysis, move: AnalysisMove) -> None:
    """Move an analysis that the caller has locked. Raises `Conflict`."""
    analysis.status = analysis_after(analysis.status, move)
