"""Taking a job: which one's turn it is for a slot, and making it this worker's by a fence of its own.

offers → those that have room → in their order → locked → checked again → taken
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.ids import is_id
from app.core.jobs import QueueClass
from app.core.settings import settings
from app.models import Analysis, AnalysisStatus, Job, JobStatus
from app.services import fairness, queueing, timeline
from app.services.claims import STAGE_VERBS, Claim
from app.services.fairness import Offer
from app.services.moves import move_analysis, move_jobs
from app.services.ownership import lock_analyses_of
from app.services.transitions import ANALYSIS_AT_WORK, JOB_WAITING, AnalysisMove, JobMove


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a job would run."""

    worker: str
    """The process."""
    pool: str | None = None
    """The worker that it belongs to."""
    queues: tuple[str, ...] = ()
    """Classes that the worker takes; all when empty."""
    slots: int = 0
    """Jobs that the worker runs at the same time; 0 when nothing is reserved in it."""


def next_offers(session: Session, slot: Slot, *, named: str | None = None) -> list[Offer]:
    """Return what this slot would take now, in its order; nothing when none may be taken.

    Args:
        session: Any session.
        slot: Where it would run.
        named: See `queueing.offers`.
    """
    under_way = queueing.running(session)
    held = Counter(one.queue for one in under_way if one.pool == slot.pool)
    of_workspace = Counter(one.workspace_id for one in under_way)
    reserved = slot.slots if len(set(slot.queues)) != 1 else 0
    most = settings().workspace_running
    queues = [name for name in slot.queues or QueueClass if fairness.has_room(name, held, reserved)]
    if not queues:
        return []
    full = [workspace_id for workspace_id, count in of_workspace.items() if count >= most]
    allowed = []
    offers = queueing.offers(session, queues=queues, named=named, full=full, busy=fairness.busy(under_way))
    for offer in fairness.ordered(offers, under_way):
        if of_workspace[offer.workspace_id] < most:
            allowed.append(offer)
            of_workspace[offer.workspace_id] += 1
    return fairness.together(allowed, slot.slots)


def claim_next(session: Session, slot: Slot, *, lease_seconds: float, named: str | None = None) -> list[Claim]:
    """Take the job whose turn it is, of short work also some that follow; nothing when there is none for this slot.

    Args:
        session: A write transaction.
        slot: Where they would run, one after another.
        lease_seconds: How long silence is tolerated.
        named: The job that the message names, which is not always the one whose turn it is.
    """
    if slot.pool is not None and session.get_bind().dialect.name == "postgresql":
        # Two processes of one worker must not both see its last free place; on SQLite the transaction is the lock.
        session.connection().execute(select(func.pg_advisory_xact_lock(func.hashtext(slot.pool))))
    job_ids = [offer.job_id for offer in next_offers(session, slot, named=named)]
    return claim(session, job_ids, worker=slot.worker, lease_seconds=lease_seconds, pool=slot.pool)


def claim(
    session: Session, job_ids: Sequence[str], *, worker: str, lease_seconds: float, pool: str | None = None
) -> list[Claim]:
    """Take those of the jobs that may be run now, in their order; not what is taken, done, paused or not yet due.

    Args:
        session: A write transaction.
        job_ids: Which jobs.
        worker: Who takes them.
        lease_seconds: How long silence is tolerated.
        pool: The worker that the process belongs to.
    """
    wanted = {job_id: number for number, job_id in enumerate(job_ids) if is_id(job_id)}
    if not wanted:
        return []
    analyses = lock_analyses_of(session, wanted)
    now = database_now(session)
    found = session.exec(
        select(Job)
        .where(col(Job.id).in_(wanted), col(Job.analysis_id).in_(analyses), *queueing.readable())
        .with_for_update()  # a beat of its last worker takes no other lock
        .execution_options(populate_existing=True)
    ).all()
    jobs = sorted(
        (job for job in found if _may_start(job, analyses[job.analysis_id or ""], now)), key=lambda job: wanted[job.id]
    )
    if not jobs:
        return []
    taken = {
        "attempts": Job.attempts + 1,
        "fence": Job.fence + 1,
        "worker": worker,
        "pool": pool,
        "turn": None,
        "sent_at": now,
        "started_at": func.coalesce(Job.started_at, now),
        "heartbeat_at": now,
        "lease_until": now + timedelta(seconds=lease_seconds),
        "error_kind": None,
        "error_message": None,
    }
    lost = [job.id for job in jobs if job.status == JobStatus.RUNNING]
    waiting = [job.id for job in jobs if job.status != JobStatus.RUNNING]
    move_jobs(session, JobMove.TAKE_OVER, col(Job.id).in_(lost), **taken)
    move_jobs(session, JobMove.CLAIM, col(Job.id).in_(waiting), **taken)
    timeline.record_all(session, [line for job in jobs for line in _begin(job, analyses[job.analysis_id or ""], now)])
    held = [
        Claim(
            job_id=job.id,
            workspace_id=job.workspace_id,
            analysis_id=job.analysis_id or "",
            kind=job.kind,
            provider=job.provider,
            payload=job.payload,
            cursor=job.cursor,
            done=job.done,
            total=job.total,
            attempts=job.attempts + 1,
            max_attempts=job.max_attempts,
            fence=job.fence + 1,
        )
        for job in jobs
    ]
    for job in jobs:
        session.expire(job)
    return held


def _may_start(job: Job, analysis: Analysis, now: datetime) -> bool:
    if job.kind in queueing.STAGE_KINDS and analysis.status not in ANALYSIS_AT_WORK:
        return False
    if job.status == JobStatus.RUNNING:
        return job.lease_until is not None and job.lease_until < now
    return job.status in JOB_WAITING and job.run_after <= now


def _begin(job: Job, analysis: Analysis, now: datetime) -> list[timeline.Line]:
    """Return what the timeline says of a job that is taken as it was `job`; the first one starts its analysis."""
    lines = []
    if analysis.status == AnalysisStatus.QUEUED:
        move_analysis(analysis, AnalysisMove.START)
        analysis.started_at = analysis.started_at or now
        lines.append(timeline.Line(analysis, "analysis.running", "A worker has taken it up."))
    message = ""
    if job.started_at is None:
        message = f"{STAGE_VERBS[job.kind]}: started."
    elif job.status != JobStatus.QUEUED:  # a turn given back is no news
        message = (
            f"{STAGE_VERBS[job.kind]}: taken up again where it stopped, attempt {job.attempts + 1} of "
            f"{job.max_attempts}."
        )
    if message:
        lines.append(timeline.Line(analysis, "job.running", message, job.id, {"stage": job.kind}))
    return lines
