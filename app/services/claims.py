"""Taking a job, keeping it, and closing it. Every write of a claim names its fence: a late twin's work rolls back.

claim ──▶ beat … beat ──▶ finish | defer | fail | give up | park
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.ids import is_id
from app.core.jobs import QueueClass
from app.core.settings import settings
from app.models import Analysis, AnalysisStatus, DeadLetter, Job, JobStatus
from app.services import fairness, queueing, timeline
from app.services.fairness import Offer
from app.services.moves import move_analysis, move_jobs
from app.services.ownership import lock_analyses_of, lock_analysis
from app.services.queueing import dispatch
from app.services.transitions import ANALYSIS_AT_WORK, JOB_WAITING, AnalysisMove, JobMove

STAGE_VERBS = {
    "collect": "Collecting",
    "clean": "Cleaning",
    "score": "Scoring",
    "cluster": "Finding topics",
    "synthesise": "Looking for opportunities",
    "report": "Writing the report",
    "answer": "Answering a question",
}

SHORTEST_IN_LINE_SECONDS = 1.0
"""Counted at least for a wait at a limit of ours, so that many short ones add up too."""


class ClaimLost(Exception):
    """The job is no longer ours: paused, cancelled, or given to another worker. What was not committed is gone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job as it was when we took it, and the fence that proves it is still ours."""

    job_id: str
    workspace_id: str
    analysis_id: str
    kind: str
    provider: str | None
    payload: Mapping[str, Any]
    cursor: Mapping[str, Any] | None
    done: int
    total: int | None
    attempts: int
    max_attempts: int
    fence: int


@dataclass(frozen=True, slots=True)
class Waited:
    """How long a job was made to wait since it last got on, in seconds."""

    refused: float
    """By its provider."""
    in_line: float
    """By a limit of ours, which others had used up before it."""


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


def beat(session: Session, held: Claim, *, lease_seconds: float) -> bool:
    """Say that the worker lives; False when the job is no longer ours."""
    now = database_now(session)
    return _write(session, held, None, heartbeat_at=now, lease_until=now + timedelta(seconds=lease_seconds))


def hold(session: Session, held: Claim, **values: object) -> Analysis:
    """Write progress in the transaction that holds the work itself.

    Returns:
        The analysis, locked.

    Raises:
        ClaimLost: The job is no longer ours; the caller's transaction must roll back.
    """
    analysis = lock_analysis(session, held.analysis_id)
    if not _write(session, held, None, **values):
        raise ClaimLost(held.job_id)
    return analysis


def _leave(session: Session, held: Claim, move: JobMove, **values: object) -> Analysis:
    """Move the job out of our hands. Raises `ClaimLost`."""
    analysis = lock_analysis(session, held.analysis_id)
    if not _write(session, held, move, **values):
        raise ClaimLost(held.job_id)
    return analysis


def finish(session: Session, held: Claim, **values: object) -> Analysis:
    """Close the job as done, in the transaction of its last work. Raises `ClaimLost`."""
    now = database_now(session)
    analysis = _leave(session, held, JobMove.FINISH, finished_at=now, lease_until=None, **values)
    timeline.record(
        session, analysis, "job.succeeded", f"{STAGE_VERBS[held.kind]}: done.", job_id=held.job_id, stage=held.kind
    )
    return analysis


def defer(session: Session, held: Claim, *, seconds: float, why: str | None, own_limit: bool = False) -> None:
    """Give the job back without counting an attempt: to be run after `seconds`. Raises `ClaimLost`.

    Args:
        session: A write transaction.
        held: The claim.
        seconds: How long it waits.
        why: What it waits for, as a sentence; None when only others have their turn.
        own_limit: A limit of ours makes it wait, and not its provider.
    """
    now = database_now(session)
    refused = seconds if why and not own_limit else 0.0
    in_line = max(SHORTEST_IN_LINE_SECONDS, seconds) if why and own_limit else 0.0
    analysis = _leave(
        session,
        held,
        JobMove.DEFER,
        attempts=Job.attempts - 1,
        refused_seconds=Job.refused_seconds + refused,
        in_line_seconds=Job.in_line_seconds + in_line,
        run_after=now + timedelta(seconds=seconds),
        sent_at=None,
        lease_until=None,
        worker=None,
        error_kind="rate_limited" if why else None,
        error_message=why,
    )
    if why:
        timeline.record(session, analysis, "job.waiting", why, job_id=held.job_id, stage=held.kind, seconds=seconds)
    dispatch(session, held.analysis_id)


def attempts_so_far(session: Session, held: Claim) -> int:
    """Return how many attempts the job has cost since it last got on; a commit that moves the cursor starts anew."""
    found = session.exec(select(Job.attempts).where(Job.id == held.job_id)).first()
    return held.attempts if found is None else found


def waited(session: Session, held: Claim) -> Waited:
    """Return for how long the job was made to wait since it last got on; what it stood for otherwise is not in it."""
    found = session.exec(select(Job.refused_seconds, Job.in_line_seconds).where(Job.id == held.job_id)).first()
    return Waited(0.0, 0.0) if found is None else Waited(*found)


def fail(session: Session, held: Claim, *, kind: str, message: str, delay_seconds: float) -> None:
    """Close this attempt as failed, to be tried again after a delay. Raises `ClaimLost`."""
    attempts = attempts_so_far(session, held)
    now = database_now(session)
    analysis = _leave(
        session,
        held,
        JobMove.FAIL,
        run_after=now + timedelta(seconds=delay_seconds),
        sent_at=None,
        lease_until=None,
        worker=None,
        error_kind=kind,
        error_message=message,
    )
    timeline.record(
        session,
        analysis,
        "job.retrying",
        f"{message} Next attempt ({attempts + 1} of {held.max_attempts}) in {math.ceil(delay_seconds)} s.",
        job_id=held.job_id,
        stage=held.kind,
        error=kind,
    )
    dispatch(session, held.analysis_id)


def give_up(session: Session, held: Claim, *, kind: str, message: str) -> Analysis:
    """Close the job as dead, with a letter that says why. Raises `ClaimLost`."""
    attempts = attempts_so_far(session, held)
    analysis = _leave(
        session,
        held,
        JobMove.GIVE_UP,
        finished_at=database_now(session),
        lease_until=None,
        error_kind=kind,
        error_message=message,
    )
    bury(session, analysis, held.job_id, held.kind, message, payload=held.payload, attempts=attempts)
    return analysis


def bury(
    session: Session,
    analysis: Analysis,
    job_id: str,
    kind: str,
    message: str,
    *,
    payload: Mapping[str, Any],
    attempts: int,
) -> None:
    """Write the dead letter and the line in the timeline of a job that was given up."""
    session.add(
        DeadLetter(
            job_id=job_id,
            workspace_id=analysis.workspace_id,
            reason=message,
            payload=dict(payload),
            attempts=attempts,
        )
    )
    timeline.record(
        session, analysis, "job.dead", f"{STAGE_VERBS[kind]}: given up. {message}", job_id=job_id, stage=kind
    )


def park(session: Session, held: Claim, *, message: str) -> None:
    """Set the job aside until its owner has connected again. Raises `ClaimLost`."""
    analysis = _leave(
        session,
        held,
        JobMove.PARK,
        attempts=Job.attempts - 1,
        lease_until=None,
        worker=None,
        error_kind="needs_auth",
        error_message=message,
    )
    if analysis.status != AnalysisStatus.NEEDS_AUTH:
        move_analysis(analysis, AnalysisMove.PARK)
    analysis.error = message
    timeline.record(session, analysis, "analysis.needs_auth", message, job_id=held.job_id, stage=held.kind)


def _write(session: Session, held: Claim, move: JobMove | None, **values: object) -> bool:
    ours = (col(Job.id) == held.job_id, col(Job.fence) == held.fence)
    if move is not None:
        return move_jobs(session, move, *ours, **values) == 1
    changed = session.connection().execute(
        update(Job).where(*ours, col(Job.status) == JobStatus.RUNNING).values(**{"fence": held.fence} | values)
    )
    return changed.rowcount == 1
