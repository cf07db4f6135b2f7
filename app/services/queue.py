"""Where an analysis stands in line, how long that lasts, and why it waits: from rows, for its owner."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.models import Analysis, AnalysisStatus, Job, JobStatus, Worker
from app.services.contract import QueueView
from app.services.queueing import BROKER_SHARE
from app.services.transitions import JOB_WAITING

WORKER_SILENCE_SECONDS = 10.0
"""A worker that has been silent for this long does not count."""

SWEEP_MARGIN_SECONDS = 6
"""How much later than due a job may be sent: the scheduler looks every five seconds."""

RECENT_JOBS = 50
"""Finished jobs whose durations make the estimate of a wait."""


def workers(session: Session, queues: Collection[str] = ()) -> tuple[int, int]:
    """Return how many jobs could start now, and how many could run in all.

    Args:
        session: Any session.
        queues: Count only workers that take one of these queue classes; all when empty.
    """
    alive = database_now(session) - timedelta(seconds=WORKER_SILENCE_SECONDS)
    rows = session.exec(select(Worker.concurrency, Worker.queues).where(col(Worker.heartbeat_at) > alive)).all()
    total = sum(slots for slots, taken in rows if not queues or not taken or set(taken) & set(queues))
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
    if _runs(session, analysis.id):
        return QueueView(why=_why_not_due(jobs, now), workers_free=free, workers_total=total)
    if jobs:
        free, total = workers(session, {job.queue for job in due or jobs})
    if not jobs:
        return QueueView(workers_free=free, workers_total=total)
    if total == 0:
        nobody = "No worker is running for this; start one with `asterism worker`."
        return QueueView(place=1, why=nobody, workers_free=0, workers_total=0)
    if not due:
        return _not_due(jobs, now, free, total)
    ahead, turns = _ahead(session, analysis, now)
    busy = "The one worker is busy" if total == 1 else f"All {total} workers are busy"
    why = None if free else busy + (f"; {_count(ahead)} ahead." if ahead else ".")
    return QueueView(
        place=ahead + 1,
        wait_seconds=(0, 2) if free > turns else _wait(session, turns, total),
        why=why,
        workers_free=free,
        workers_total=total,
    )


def _runs(session: Session, analysis_id: str) -> bool:
    query = select(Job.id).where(Job.analysis_id == analysis_id, Job.status == JobStatus.RUNNING).limit(1)
    return session.exec(query).first() is not None


def _count(analyses: int) -> str:
    return "1 analysis is" if analyses == 1 else f"{analyses} analyses are"


def _ahead(session: Session, analysis: Analysis, now: datetime) -> tuple[int, int]:
    """Count the other analyses whose due jobs wait since before ours, and the jobs of theirs that come before it.

    Of each analysis at most its share is with the workers at a time, so no more than that stands before ours. Where two
    were asked for in the same instant, the one with the lower id goes first.
    """
    mine = session.exec(
        select(func.min(Job.run_after)).where(Job.analysis_id == analysis.id, col(Job.status).in_(JOB_WAITING))
    ).one()
    first = func.min(Job.run_after)
    rows = session.exec(
        select(Job.analysis_id, first, func.count())
        .where(
            col(Job.analysis_id) != analysis.id,
            col(Job.status).in_(JOB_WAITING),
            col(Job.run_after) <= now,
            col(Job.run_after) <= mine,
        )
        .group_by(col(Job.analysis_id))
    ).all()
    before = [count for other, since, count in rows if (since, other or "") < (mine, analysis.id)]
    return len(before), sum(min(BROKER_SHARE, count) for count in before)


def _not_due(jobs: Sequence[Job], now: datetime, free: int, total: int) -> QueueView:
    seconds = max(0, math.ceil((min(job.run_after for job in jobs) - now).total_seconds()))
    return QueueView(
        place=1,
        wait_seconds=(seconds, seconds + SWEEP_MARGIN_SECONDS),
        why=_why_not_due(jobs, now),
        workers_free=free,
        workers_total=total,
    )


def _why_not_due(jobs: Sequence[Job], now: datetime) -> str | None:
    waiting = [job for job in jobs if job.run_after > now and job.error_message]
    return min(waiting, key=lambda job: job.run_after).error_message if waiting else None


def _wait(session: Session, turns: int, slots: int) -> tuple[int, int]:
    """Return a band: jobs ahead of us times what recent jobs took, over the slots.

    Only jobs that were done in one claim count: in the others' times are waits and pauses.
    """
    rows = session.exec(
        select(Job.started_at, Job.finished_at)
        .where(Job.status == JobStatus.SUCCEEDED, Job.fence == 1)
        .order_by(col(Job.id).desc())
        .limit(RECENT_JOBS)
    ).all()
    seconds = sorted((end - start).total_seconds() for start, end in rows if start and end) or [5.0]
    middle = seconds[len(seconds) // 2]
    high = seconds[min(len(seconds) - 1, int(len(seconds) * 0.9))]
    rounds = (turns + 1) / slots
    return math.floor(rounds * middle / 2), max(2, math.ceil(rounds * high + high))
