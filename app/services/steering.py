"""Pause, resume, cancel, retry and discard: one job, many, or all of an analysis.

What a job had committed stays. One that runs notices at its next commit, or within a second by its heartbeat, and
rolls back what is open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from pydantic import Field
from sqlalchemy import case
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.errors import Conflict, InvalidInput, NotFound
from app.core.ids import is_id
from app.models import Analysis, AnalysisStatus, Job, JobStatus, Stage
from app.services import audit, dead_letters, payloads, timeline
from app.services.access import Action, Actor, can, require
from app.services.claims import STAGE_VERBS
from app.services.contract.basics import Contract
from app.services.moves import move_analysis, move_jobs
from app.services.ownership import lock_analysis
from app.services.queueing import STAGE_KINDS, dispatch
from app.services.stages import plan
from app.services.transitions import ANALYSIS_AT_WORK, ANALYSIS_CLOSED, AnalysisMove, JobMove, job_after

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
    for job in sorted(found.values(), key=lambda one: (one.analysis_id or "", _stage_number(one.kind), one.id)):
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


def pause_all(session: Session, analysis_id: str) -> int:
    """Pause the open jobs of an analysis that the caller has locked; returns how many."""
    return _pause(session, col(Job.analysis_id) == analysis_id)


def resume_all(session: Session, analysis_id: str) -> int:
    """Put the paused and parked jobs of an analysis back in line; returns how many. The caller then advances it."""
    return _resume(session, col(Job.analysis_id) == analysis_id)


def cancel_all(session: Session, analysis_id: str) -> int:
    """Cancel the open jobs of an analysis that the caller has locked; returns how many."""
    return _cancel(session, col(Job.analysis_id) == analysis_id)


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


def _pause_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    del payload
    job_after(job.status, JobMove.PAUSE)
    _pause(session, col(Job.id) == job.id)
    _tell(session, actor, analysis, job, "paused")
    _go_on(session, analysis)


def _resume_one(
    session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None
) -> None:
    del payload
    job_after(job.status, JobMove.RESUME)
    if job.kind in STAGE_KINDS:
        _check_at_work(analysis)
    _resume(session, col(Job.id) == job.id)
    _tell(session, actor, analysis, job, "resumed")
    _go_on(session, analysis)


def _cancel_one(
    session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None
) -> None:
    del payload
    job_after(job.status, JobMove.CANCEL)
    _cancel(
        session,
        col(Job.id) == job.id,
        error_kind="cancelled",
        error_message=f"{STAGE_VERBS[job.kind]} was cancelled by {actor.name}.",
    )
    _tell(session, actor, analysis, job, "cancelled")
    _go_on(session, analysis)


def _retry_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    job_after(job.status, JobMove.RETRY)
    edited = None if payload is None else payloads.checked(job, payload)
    if job.kind in STAGE_KINDS:
        ahead = _bring_back(session, actor, analysis, Stage(job.kind))
        if edited is not None and ahead > 0:
            raise Conflict("An earlier step runs again, and this one after it; edit it if it fails again.")
        if ahead > 0:
            return  # its stage begins anew when the earlier one is done, and this job with it
    dead_letters.resolve(session, [job.id], "retried" if edited is None else "edited")
    values: dict[str, object] = {} if edited is None or edited == job.payload else {"payload": edited, "cursor": None}
    move_jobs(
        session,
        JobMove.RETRY,
        col(Job.id) == job.id,
        attempts=0,
        refused_seconds=0.0,
        in_line_seconds=0.0,
        run_after=database_now(session),
        sent_at=None,
        worker=None,
        started_at=None,
        finished_at=None,
        error_kind=None,
        error_message=None,
        **values,
    )
    _tell(session, actor, analysis, job, "put back in line" if edited is None else "changed and put back in line")
    _go_on(session, analysis)


def _bring_back(session: Session, actor: Actor, analysis: Analysis, stage: Stage) -> int:
    """Open a closed analysis at a stage of its run; return how many stages that lies ahead of where it stands."""
    if analysis.status == AnalysisStatus.CANCELLED:
        raise Conflict("Its analysis was cancelled; ask for a new one.")
    if analysis.status in ANALYSIS_CLOSED:
        move_analysis(analysis, AnalysisMove.REVIVE)
        analysis.stage = stage
        analysis.finished_at = None
        analysis.error = None
        timeline.record(session, analysis, "analysis.revived", f"Brought back by {actor.name} to try again.")
    _check_at_work(analysis)
    ahead = _stage_number(stage) - _stage_number(analysis.stage)
    if ahead < 0:
        raise Conflict("The analysis has gone on without it; retry it when the analysis has ended.")
    return ahead


def _check_at_work(analysis: Analysis) -> None:
    """Raise `Conflict` while nothing of the run may start: what is put in line now would stand there untaken."""
    if analysis.status == AnalysisStatus.NEEDS_CHOICE:
        raise Conflict("Its analysis waits for your choice; choose first.")
    if analysis.status not in ANALYSIS_AT_WORK:
        raise Conflict(f"Its analysis is {analysis.status.replace('_', ' ')}; resume the analysis first.")


def _discard_one(
    session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None
) -> None:
    del payload
    if not dead_letters.resolve(session, [job.id], "discarded"):
        raise Conflict("There is nothing to discard: this job was not given up, or was put away already.")
    _tell(session, actor, analysis, job, "discarded")


_ACTIONS = {
    Steer.PAUSE: _pause_one,
    Steer.RESUME: _resume_one,
    Steer.CANCEL: _cancel_one,
    Steer.RETRY: _retry_one,
    Steer.DISCARD: _discard_one,
}


def _pause(session: Session, condition: Any) -> int:  # noqa: ANN401 - a column's comparison
    return move_jobs(
        session,
        JobMove.PAUSE,
        condition,
        # A pause is not a failure: the claim that it interrupts does not count as an attempt.
        attempts=case((col(Job.status) == JobStatus.RUNNING, Job.attempts - 1), else_=Job.attempts),
        lease_until=None,
        worker=None,
    )


def _resume(session: Session, condition: Any) -> int:  # noqa: ANN401
    return move_jobs(
        session,
        JobMove.RESUME,
        condition,
        # What a provider asked us to wait for still holds.
        run_after=case((col(Job.error_kind) == "rate_limited", col(Job.run_after)), else_=database_now(session)),
        sent_at=None,
        lease_until=None,
        worker=None,
    )


def _cancel(session: Session, condition: Any, **values: object) -> int:  # noqa: ANN401
    return move_jobs(
        session,
        JobMove.CANCEL,
        condition,
        finished_at=database_now(session),
        lease_until=None,
        worker=None,
        **values,
    )


def _go_on(session: Session, analysis: Analysis) -> None:
    """Let the analysis follow: one whose last parked job is gone works again, and a stage may have ended."""
    if (
        analysis.status == AnalysisStatus.NEEDS_AUTH
        and not session.exec(
            select(Job.id).where(Job.analysis_id == analysis.id, Job.status == JobStatus.NEEDS_AUTH).limit(1)
        ).first()
    ):
        move_analysis(analysis, AnalysisMove.RESUME)
        analysis.error = None
    plan.advance(session, analysis)
    dispatch(session, analysis.id)  # of a closed one too: an errand


def _tell(session: Session, actor: Actor, analysis: Analysis, job: Job, past: str) -> None:
    timeline.record(
        session,
        analysis,
        f"job.{'retried' if 'back in line' in past else past}",
        f"{STAGE_VERBS[job.kind]}: {past} by {actor.name}.",
        job_id=job.id,
        stage=job.kind,
    )


def _stage_number(kind: str) -> int:
    return plan.STAGES.index(Stage(kind)) if kind in set(Stage) else len(plan.STAGES)
