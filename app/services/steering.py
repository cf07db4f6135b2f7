"""Pause, resume, cancel, retry and discard one job or many, for those who may.

What a job had committed stays. One that runs notices at its next commit, or within a second by its heartbeat, and
rolls back what is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlmodel import Session

from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import is_id
from app.models import Job
from app.services import audit, steering_moves
from app.services.access import Action, Actor, can, require
from app.services.contract.basics import Contract
from app.services.ownership import lock_analysis

MOST_AT_ONCE = 100
MISSING = "There is no such job in this workspace; look at the list of jobs."


class Steer(StrEnum):
    """What its owner can do with a job."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    DISCARD = "discard"


class Steered(Contract):
    """What became of one job."""

    job_id: str
    done: bool
    status: str | None = None
    """Where it stands now; None when there is no such job."""
    why: str | None = Field(default=None, description="Why it was not done, as a sentence.")


_ACTIONS = {
    Steer.PAUSE: steering_moves.pause_one,
    Steer.RESUME: steering_moves.resume_one,
    Steer.CANCEL: steering_moves.cancel_one,
    Steer.RETRY: steering_moves.retry_one,
    Steer.DISCARD: steering_moves.discard_one,
}


def steer(
    session: Session, actor: Actor, job_id: str, move: Steer, *, payload: Mapping[str, Any] | None = None
) -> Steered:
    """Do one thing with one job.

    Args:
        session: A write transaction.
        actor: Who wants it.
        job_id: Which job.
        move: What.
        payload: With `retry` only: what the job shall do from now on, instead of what it failed at.

    Raises:
        NotFound: It does not exist, or belongs to another workspace.
        Conflict: It stands where that cannot be done; the message says why.
        InvalidInput: The payload does not fit the kind of job.
        NotPermitted: The actor's role does not allow it.
    """
    _check_right(actor)
    if payload is not None and move is not Steer.RETRY:
        raise InvalidInput("A payload can be changed only with retry.", field="payload")
    return _steer(session, actor, job_id, move, payload, audited=True)


def steer_many(
    session: Session, actor: Actor, job_ids: Sequence[str], move: Steer, *, audited: bool = True
) -> list[Steered]:
    """Do one thing with many jobs; what is not possible for one of them is said of it and does not stop the others.

    Args:
        session: A write transaction.
        actor: Who wants it.
        job_ids: Which jobs.
        move: What.
        audited: Whether each job gets its line in the trail of the actor's workspace; False where the caller writes
            one for all. Of an operator's act the owner's workspace gets its line in any case.

    Raises:
        InvalidInput: None is named, or more than `MOST_AT_ONCE`.
        NotPermitted: The actor's role does not allow it.
    """
    _check_right(actor)
    if not 0 < len(job_ids) <= MOST_AT_ONCE:
        raise InvalidInput(f"Name from 1 to {MOST_AT_ONCE} jobs.", field="job_ids")
    found = {job.id: job for job in (_found(session, actor, one) for one in job_ids) if job is not None}
    outcomes: dict[str, Steered] = {}
    # Locks are taken in one order, and earlier stages first: what they lead to decides about the later ones.
    for job in sorted(
        found.values(), key=lambda one: (one.analysis_id or "", steering_moves.stage_number(one.kind), one.id)
    ):
        try:
            with session.begin_nested():
                outcomes[job.id] = _steer(session, actor, job.id, move, None, audited=audited)
        except Conflict as error:
            session.refresh(job)
            outcomes[job.id] = Steered(job_id=job.id, done=False, status=job.status, why=error.message)
    return [outcomes.get(one) or Steered(job_id=one, done=False, why=MISSING) for one in dict.fromkeys(job_ids)]


def _steer(
    session: Session, actor: Actor, job_id: str, move: Steer, payload: Mapping[str, Any] | None, *, audited: bool
) -> Steered:
    job = _owned(session, actor, job_id)
    analysis = lock_analysis(session, job.analysis_id or "")
    session.refresh(job)
    facts: dict[str, audit.Plain] = {"analysis": analysis.id, "edited": payload is not None, "before": job.status}
    _ACTIONS[move](session, actor, analysis, job, payload)
    session.refresh(job)
    facts["after"] = job.status
    if audited:
        audit.record(session, actor, f"job:{move}", job.id, **facts)
    audit.record_for_owner(session, actor, job.workspace_id, f"job:{move}", job.id, **facts)
    return Steered(job_id=job.id, done=True, status=job.status)


def _lock_order(job: Job) -> tuple[str, int, str]:
    return job.analysis_id or "", steering_moves.stage_number(job.kind), job.id


def _check_right(actor: Actor) -> None:
    """Raise `NotPermitted` for who may steer nothing: the right to steer the installation needs no role beside it."""
    if can(actor, Action.OPERATIONS_STEER) is not True:
        require(actor, Action.ANALYSIS_STEER)


def _found(session: Session, actor: Actor, job_id: str) -> Job | None:
    job = session.get(Job, job_id) if is_id(job_id) else None
    if job is None or job.analysis_id is None:
        return None
    if job.workspace_id == actor.workspace_id or can(actor, Action.OPERATIONS_STEER) is True:
        return job
    return None


def _owned(session: Session, actor: Actor, job_id: str) -> Job:
    job = _found(session, actor, job_id)
    if job is None:
        raise NotFound(MISSING)
    return job
