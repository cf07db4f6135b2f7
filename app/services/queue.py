"""Where an analysis stands in line, how long that lasts, and why it waits: from rows, for its owner."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.models import Analysis, AnalysisStatus, Job, JobStatus, Worker
from app.services.contract import QueueView
from app.services.transitions import JOB_WAITING

WORKER_SILENCE_SECONDS = 10.0
"""A worker that has been silent for this long does not count."""

RECENT_JOBS = 50
"""Finished jobs whose durations make the estimate of a wait."""


def workers(session: Session) -> tuple[int, int]:
    """Return how many jobs could start now, and how many could run in all."""
    alive = database_now(session) - timedelta(seconds=WORKER_SILENCE_SECONDS)
    total = int(
        session.exec(
            select(func.coalesce(func.sum(Worker.concurrency), 0)).where(col(Worker.heartbeat_at) > alive)
        ).one()
    )
    running = int(session.exec(select(func.count()).select_from(Job).where(Job.status == JobStatus.RUNNING)).one())
    return max(0, total - running), total


def position(session: Session, analysis: Analysis) -> QueueView:
    """Return the analysis's place among those that wait for a worker, and its wait as a band in seconds."""
    free, total = workers(session)
    if analysis.status not in {AnalysisStatus.QUEUED, AnalysisStatus.RUNNING}:
        return QueueView(workers_free=free, workers_total=total)
    now = database_now(session)
    jobs = session.exec(select(Job).where(Job.analysis_id == analysis.id, col(Job.status).in_(JOB_WAITING))).all()
    due = [job for job in jobs if job.run_after <= now]
    if any(job.status == JobStatus.RUNNING for job in _running(session, analysis.id)):
        return QueueView(why=_why_not_due(jobs, now), workers_free=free, workers_total=total)
    if not due:
        return _not_due(jobs, now, free, total)
    ahead = _ahead(session, analysis, now)
    if total == 0:
        return QueueView(
            place=ahead + 1,
            why="No worker is running; start one with `asterism worker`.",
            workers_free=0,
            workers_total=0,
        )
    why = None if free else f"All {total} workers are busy" + (f"; {ahead} analyses are ahead." if ahead else ".")
    return QueueView(
        place=ahead + 1,
        wait_seconds=(0, 2) if free > ahead else _wait(session, ahead, total),
        why=why,
        workers_free=free,
        workers_total=total,
    )


def _running(session: Session, analysis_id: str) -> Sequence[Job]:
    return session.exec(select(Job).where(Job.analysis_id == analysis_id, Job.status == JobStatus.RUNNING)).all()


def _ahead(session: Session, analysis: Analysis, now: datetime) -> int:
    """Count the other analyses with a due job that waits since before ours."""
    mine = session.exec(
        select(func.min(Job.run_after)).where(Job.analysis_id == analysis.id, col(Job.status).in_(JOB_WAITING))
    ).one()
    return int(
        session.exec(
            select(func.count(func.distinct(Job.analysis_id))).where(
                col(Job.analysis_id) != analysis.id,
                col(Job.status).in_(JOB_WAITING),
                col(Job.run_after) <= now,
                col(Job.run_after) < mine,
            )
        ).one()
    )


def _not_due(jobs: Sequence[Job], now: datetime, free: int, total: int) -> QueueView:
    later = [job.run_after for job in jobs]
    if not later:
        return QueueView(workers_free=free, workers_total=total)
    seconds = max(0, math.ceil((min(later) - now).total_seconds()))
    return QueueView(
        place=1,
        wait_seconds=(seconds, seconds + 6),
        why=_why_not_due(jobs, now),
        workers_free=free,
        workers_total=total,
    )


def _why_not_due(jobs: Sequence[Job], now: datetime) -> str | None:
    waiting = [job for job in jobs if job.run_after > now and job.error_message]
    return min(waiting, key=lambda job: job.run_after).error_message if waiting else None


def _wait(session: Session, ahead: int, slots: int) -> tuple[int, int]:
    """Return a band: turns ahead of us times what recent jobs took, over the slots."""
    rows = session.exec(
        select(Job.started_at, Job.finished_at)
        .where(Job.status == JobStatus.SUCCEEDED)
        .order_by(col(Job.id).desc())
        .limit(RECENT_JOBS)
    ).all()
    seconds = sorted((end - start).total_seconds() for start, end in rows if start and end) or [5.0]
    middle = seconds[len(seconds) // 2]
    high = seconds[min(len(seconds) - 1, int(len(seconds) * 0.9))]
    turns = (ahead + 1) / slots
    return math.floor(turns * middle / 2), max(2, math.ceil(turns * high + high))
