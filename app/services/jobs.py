"""The jobs of an analysis, for its owner."""

from __future__ import annotations

from sqlalchemy import or_
from sqlmodel import Session, col, select

from app.models import Job
from app.services.access import Action, Actor, require
from app.services.contract import JobView, SourceRequest
from app.services.ownership import owned_analysis
from app.services.queueing import OF_RUN
from app.services.sources import label
from app.services.transitions import JOB_OPEN

_LABELS = {
    "clean": "Clean all items",
    "cluster": "Find topics",
    "synthesise": "Find opportunities",
    "report": "Write the report",
    "answer": "Word an answer",
}


ERRANDS_SHOWN = 20
"""Of errands that are over, such as answers to questions, the last so many: they go on coming for ever."""


def rows(session: Session, actor: Actor, analysis_id: str) -> list[JobView]:
    """Return the jobs in the order in which they were put in line. Raises `NotFound`.

    Of the run itself they are all, of errands those that are open and the last that are over.
    """
    require(actor, Action.ANALYSIS_READ)
    analysis = owned_analysis(session, actor, analysis_id)
    is_open = col(Job.status).in_(sorted(JOB_OPEN))
    over = (
        select(Job.id)
        .where(Job.analysis_id == analysis.id, ~OF_RUN, ~is_open)
        .order_by(col(Job.id).desc())
        .limit(ERRANDS_SHOWN)
    )
    found = session.exec(
        select(Job)
        .where(Job.analysis_id == analysis.id, or_(OF_RUN, is_open, col(Job.id).in_(over)))
        .order_by(col(Job.id))
    ).all()
    return [
        JobView(
            id=job.id,
            kind=job.kind,
            queue=job.queue,
            label=label_of(job),
            status=job.status,
            provider=job.provider,
            token_source=job.token_source,
            done=job.done,
            total=job.total,
            attempts=job.attempts,
            max_attempts=job.max_attempts,
            worker=job.worker,
            error=job.error_message,
            cost_micros=job.cost_micros,
            run_after=job.run_after,
            created_at=job.created_at,
            started_at=job.started_at,
            finished_at=job.finished_at,
        )
        for job in found
    ]


def label_of(job: Job) -> str:
    """Return what a job does, in words."""
    if job.kind == "collect":
        return f"Collect {label(SourceRequest.model_validate(job.payload['source']))}"
    if job.kind == "score":
        return f"Score {job.total:,} items" if job.total else "Score items"
    return _LABELS.get(job.kind, job.kind)
