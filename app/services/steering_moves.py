"""What pausing, resuming, cancelling, retrying and discarding do to the jobs of an analysis that the caller has locked.

check by the table of moves → move the jobs → say so in the timeline → let the analysis go on
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import case
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.errors import Conflict
from app.models import Analysis, AnalysisStatus, Job, JobStatus, Stage
from app.services import dead_letters, payloads, timeline
from app.services.access import Actor
from app.services.claims import STAGE_VERBS
from app.services.moves import move_analysis, move_jobs
from app.services.queueing import STAGE_KINDS, dispatch
from app.services.stages import plan
from app.services.transitions import ANALYSIS_AT_WORK, ANALYSIS_CLOSED, AnalysisMove, JobMove, job_after


def pause_all(session: Session, analysis_id: str) -> int:
    """Pause the open jobs of an analysis that the caller has locked; returns how many."""
    return _pause(session, col(Job.analysis_id) == analysis_id)


def resume_all(session: Session, analysis_id: str) -> int:
    """Put the paused and parked jobs of an analysis back in line; returns how many. The caller then advances it."""
    return _resume(session, col(Job.analysis_id) == analysis_id)


def cancel_all(session: Session, analysis_id: str) -> int:
    """Cancel the open jobs of an analysis that the caller has locked; returns how many."""
    return _cancel(session, col(Job.analysis_id) == analysis_id)


def pause_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    """Hold one job back; what it has done stays. Raises `Conflict`."""
    del payload
    job_after(job.status, JobMove.PAUSE)
    _pause(session, col(Job.id) == job.id)
    _tell(session, actor, analysis, job, "paused")
    _go_on(session, analysis)


def resume_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    """Put one held or parked job back in line. Raises `Conflict`."""
    del payload
    job_after(job.status, JobMove.RESUME)
    if job.kind in STAGE_KINDS:
        _check_at_work(analysis)
    _resume(session, col(Job.id) == job.id)
    _tell(session, actor, analysis, job, "resumed")
    _go_on(session, analysis)


def cancel_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    """End one job for good; what it has done stays. Raises `Conflict`."""
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


def retry_one(session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None) -> None:
    """Put one job back in line as if it were new, with another payload where one is given. Raises `Conflict`."""
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


def discard_one(
    session: Session, actor: Actor, analysis: Analysis, job: Job, payload: Mapping[str, Any] | None
) -> None:
    """Put one job that was given up away, so that nobody is asked about it again. Raises `Conflict`."""
    del payload
    if not dead_letters.resolve(session, [job.id], "discarded"):
        raise Conflict("There is nothing to discard: this job was not given up, or was put away already.")
    _tell(session, actor, analysis, job, "discarded")


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
    ahead = stage_number(stage) - stage_number(analysis.stage)
    if ahead < 0:
        raise Conflict("The analysis has gone on without it; retry it when the analysis has ended.")
    return ahead


def _check_at_work(analysis: Analysis) -> None:
    """Raise `Conflict` while nothing of the run may start: what is put in line now would stand there untaken."""
    if analysis.status == AnalysisStatus.NEEDS_CHOICE:
        raise Conflict("Its analysis waits for your choice; choose first.")
    if analysis.status not in ANALYSIS_AT_WORK:
        raise Conflict(f"Its analysis is {analysis.status.replace('_', ' ')}; resume the analysis first.")


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


def stage_number(kind: str) -> int:
    """Return the place of a kind of job in the order of stages; errands come after all of them."""
    return plan.STAGES.index(Stage(kind)) if kind in set(Stage) else len(plan.STAGES)
