"""How far an analysis is: each stage by its jobs, the whole weighted by expected work."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.models import Analysis, AnalysisStatus, Job, JobEvent, JobStatus, Stage
from app.services import queue
from app.services.contract import EstimateView, ProgressView, StageJobs, StageProgress
from app.services.queueing import OF_RUN
from app.services.stages.plan import STAGES, WEIGHTS
from app.services.transitions import ANALYSIS_CLOSED, JOB_OPEN

_COUNTED: Mapping[str, str] = {
    JobStatus.SUCCEEDED: "done",
    JobStatus.RUNNING: "running",
    JobStatus.QUEUED: "waiting",
    JobStatus.RETRYING: "waiting",
    JobStatus.NEEDS_AUTH: "paused",
    JobStatus.PAUSED: "paused",
    JobStatus.DEAD: "dead",
}


_STANDSTILLS = ("analysis.paused", "analysis.needs_choice", "analysis.needs_auth", "analysis.revived")
"""Events after which time passed that nobody had estimated."""


def view(session: Session, analysis: Analysis) -> ProgressView:
    """Return the progress of one analysis."""
    # Errands that are over are no part of it, and there may be thousands of them.
    jobs = session.exec(
        select(Job).where(Job.analysis_id == analysis.id, or_(OF_RUN, col(Job.status).in_(JOB_OPEN)))
    ).all()
    by_stage: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        by_stage[job.kind].append(job)
    stages = [stage_progress(stage, by_stage[stage], analysis) for stage in STAGES]
    return ProgressView(
        overall=overall(stages, analysis.status),
        stage=analysis.stage,
        stages=stages,
        jobs=count_jobs(jobs),
        queue=queue.position(session, analysis),
        expected_end=_expected_end(session, analysis),
    )


def _expected_end(session: Session, analysis: Analysis) -> tuple[datetime, datetime] | None:
    """Return when the work likely ends and when at the latest, by the estimate that its owner was shown."""
    if analysis.status != AnalysisStatus.RUNNING or analysis.started_at is None or analysis.estimate is None:
        return None
    seconds = EstimateView.model_validate(analysis.estimate).seconds
    if seconds is None:
        return None
    stood_still = session.exec(
        select(JobEvent.id).where(JobEvent.analysis_id == analysis.id, col(JobEvent.kind).in_(_STANDSTILLS)).limit(1)
    ).first()
    if stood_still is not None:
        return None
    likely, latest = (analysis.started_at + timedelta(seconds=seconds[place]) for place in (1, 2))
    return likely, latest


def overall_of(session: Session, analyses: Sequence[Analysis]) -> dict[str, float]:
    """Return how far each of some analyses is, by id, with one query for all."""
    unfinished = [analysis for analysis in analyses if analysis.status not in ANALYSIS_CLOSED]
    rows = session.exec(select(Job).where(col(Job.analysis_id).in_([analysis.id for analysis in unfinished])))
    by_stage: dict[tuple[str | None, str], list[Job]] = defaultdict(list)
    for job in rows if unfinished else ():
        by_stage[job.analysis_id, job.kind].append(job)
    return {
        analysis.id: overall(
            [stage_progress(stage, by_stage[analysis.id, stage.value], analysis) for stage in STAGES], analysis.status
        )
        for analysis in analyses
    }


def stage_progress(stage: Stage, jobs: Sequence[Job], analysis: Analysis) -> StageProgress:
    """Return how far one stage is, from its jobs."""
    passed = STAGES.index(stage) < STAGES.index(Stage(analysis.stage))
    ended = analysis.status in ANALYSIS_CLOSED
    done = sum(job.done for job in jobs)
    total = None if any(job.total is None for job in jobs) or not jobs else sum(job.total or 0 for job in jobs)
    state: Literal["waiting", "running", "done", "failed", "skipped", "cancelled"]
    if jobs and all(job.status == JobStatus.SUCCEEDED for job in jobs):
        state = "done"
    elif not jobs:
        state = "skipped" if passed or ended else "waiting"
    elif jobs and all(job.status == JobStatus.CANCELLED for job in jobs):
        state = "cancelled"
    elif passed or ended:
        state = "failed"
    else:
        state = "running" if any(job.started_at for job in jobs) else "waiting"
    # A stage that was passed over counts as done; one that an early end left undone does not.
    fraction = float(passed) if state == "skipped" else _fraction(state, jobs)
    return StageProgress(stage=stage, state=state, done=done, total=total, fraction=fraction)


def overall(stages: Sequence[StageProgress], status: str) -> float:
    """Return the fraction of the whole, weighted by expected work; 1 only when the analysis is complete."""
    if status in {AnalysisStatus.COMPLETED, AnalysisStatus.PARTIAL}:
        return 1.0
    share = sum(WEIGHTS[Stage(stage.stage)] * stage.fraction for stage in stages)
    return round(min(share, 0.99), 4)


def count_jobs(jobs: Sequence[Job]) -> StageJobs:
    """Return how many jobs are in which state; cancelled ones count nowhere."""
    counts: dict[str, int] = defaultdict(int)
    for job in jobs:
        if job.status in _COUNTED:
            counts[_COUNTED[job.status]] += 1
    return StageJobs(**counts)


def _fraction(state: str, jobs: Sequence[Job]) -> float:
    if state == "done":
        return 1.0
    if not jobs:
        return 0.0
    parts = []
    for job in jobs:
        if job.status == JobStatus.SUCCEEDED:
            parts.append(1.0)
        elif job.total:
            parts.append(min(0.99, job.done / job.total))
        else:
            parts.append(0.0)
    weights = [float(job.total or 1) for job in jobs]
    return round(sum(p * w for p, w in zip(parts, weights, strict=True)) / sum(weights), 4)
