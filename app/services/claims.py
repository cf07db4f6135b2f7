"""Keeping a job that was taken, and closing it. Every write of a claim names its fence: a late twin's work rolls back.

claim ──▶ beat … beat ──▶ finish | defer | fail | give up | park
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.models import Analysis, AnalysisStatus, DeadLetter, Job, JobStatus
from app.services import timeline
from app.services.moves import move_analysis, move_jobs
from app.services.ownership import lock_analysis
from app.services.queueing import dispatch
from app.services.transitions import AnalysisMove, JobMove

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
