"""The jobs of all workspaces, as who runs the installation finds and reads them.

Every list is made for a table of a million jobs: each query goes over a small index.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, literal_column, union_all
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from app.core.errors import NotFound
from app.core.ids import is_id
from app.core.paging import Page, check_limit, cut, id_before
from app.models import Analysis, DeadLetter, Job, JobEvent, JobStatus, Workspace
from app.services.access import Action, Actor, require
from app.services.contract.basics import Contract, Moment
from app.services.jobs import label_of
from app.services.transitions import JOB_WAITING

MOST_LINES = 100

States = Literal["open", "waiting", "running", "stuck", "dead", "finished", "all"]

_STATES: dict[str, tuple[JobStatus, ...]] = {
    "open": (*sorted(JOB_WAITING), JobStatus.RUNNING, JobStatus.PAUSED, JobStatus.NEEDS_AUTH),
    "waiting": tuple(sorted(JOB_WAITING)),
    "running": (JobStatus.RUNNING,),
    "stuck": (JobStatus.DEAD, JobStatus.PAUSED, JobStatus.NEEDS_AUTH),
    "dead": (JobStatus.DEAD,),
    "finished": (JobStatus.SUCCEEDED, JobStatus.CANCELLED),
}

_ENDED = (JobStatus.CANCELLED, JobStatus.SUCCEEDED)


def _is_one_of(*statuses: JobStatus) -> ColumnElement[bool]:
    """Return the condition in the words of the partial indexes: no database can match a parameter with theirs."""
    return col(Job.status).in_([literal_column(f"'{status.value}'") for status in statuses])


_NOT_ENDED = _is_one_of(*sorted(set(JobStatus) - set(_ENDED)))


class JobLine(Contract):
    """One line of a job's timeline."""

    at: Moment
    kind: str
    message: str


class OperationsJob(Contract):
    """One job of any workspace."""

    id: str
    analysis_id: str | None
    workspace: str
    question: str
    queue: str
    kind: str
    label: str
    status: str
    done: int
    total: int | None
    attempts: int
    max_attempts: int
    worker: str | None
    error: str | None
    created_at: Moment
    run_after: Moment
    started_at: Moment | None
    heartbeat_at: Moment | None
    finished_at: Moment | None


class OperationsJobDetail(Contract):
    """One job with all that was written about it."""

    job: OperationsJob
    payload: dict[str, Any]
    lines: list[JobLine]
    """Oldest first; at most the last 100."""
    reason: str | None
    """Why it was given up; None while it was not, or when that is settled."""


def statuses_of(state: States) -> tuple[JobStatus, ...] | None:
    """Return which jobs a filter shows by where they stand; None for all."""
    return _STATES.get(state)


def jobs(
    session: Session,
    actor: Actor,
    *,
    state: States = "open",
    queue: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[OperationsJob]:
    """Return jobs of all workspaces, newest first.

    Raises:
        NotPermitted: The actor does not run this installation.
        InvalidInput: The cursor or the limit is wrong.
    """
    require(actor, Action.OPERATIONS_READ)
    query = (
        select(Job, Analysis.question, Workspace.name)
        .join(Analysis, col(Analysis.id) == col(Job.analysis_id), isouter=True)
        .join(Workspace, col(Workspace.id) == col(Job.workspace_id))
    )
    ids = _newest(session, statuses_of(state), queue, id_before(cursor), check_limit(limit) + 1)
    found = session.exec(query.where(col(Job.id).in_(ids)).order_by(col(Job.id).desc())).all()
    kept, next_cursor = cut(found, limit, lambda row: [row[0].id])
    return Page([_job(job, question, workspace) for job, question, workspace in kept], next_cursor)


def job(session: Session, actor: Actor, job_id: str) -> OperationsJobDetail:
    """Return one job of any workspace with its timeline.

    Raises:
        NotPermitted: The actor does not run this installation.
        NotFound: There is no such job.
    """
    require(actor, Action.OPERATIONS_READ)
    found = session.get(Job, job_id) if is_id(job_id) else None
    if found is None:
        raise NotFound("There is no such job; look at the list of jobs.")
    analysis = session.get(Analysis, found.analysis_id) if found.analysis_id else None
    lines = session.exec(
        select(JobEvent).where(JobEvent.job_id == found.id).order_by(col(JobEvent.id).desc()).limit(MOST_LINES)
    ).all()
    letter = session.exec(
        select(DeadLetter)
        .where(DeadLetter.job_id == found.id, col(DeadLetter.resolved_at).is_(None))
        .order_by(col(DeadLetter.id).desc())
    ).first()
    return OperationsJobDetail(
        job=_job(found, analysis.question if analysis else "", session.get_one(Workspace, found.workspace_id).name),
        payload=found.payload,
        lines=[JobLine(at=line.at, kind=line.kind, message=line.message) for line in reversed(lines)],
        reason=None if letter is None else letter.reason,
    )


def _newest(
    session: Session, statuses: Sequence[JobStatus] | None, queue: str | None, before: str | None, most: int
) -> Sequence[str]:
    """Return ids of jobs, newest first.

    Each status that is not the end has its own place in an index, and so has each class among what has ended: none of
    other jobs is looked at, however many millions those are.
    """
    conditions = [] if queue is None else [col(Job.queue) == queue]
    if before is not None:
        conditions.append(col(Job.id) < before)
    groups: list[tuple[ColumnElement[bool], ...]] = [()]
    if statuses is not None or queue is not None:
        wanted = statuses or tuple(JobStatus)
        # PostgreSQL sees by itself that a status is one of the index; told so, it expects far too few rows.
        told = () if session.get_bind().dialect.name == "postgresql" else (_NOT_ENDED,)
        groups = [(*told, _is_one_of(status)) for status in wanted if status not in _ENDED]
        groups += [(_is_one_of(*_ENDED),)] if set(wanted) & set(_ENDED) else []
    newest = [columns(col(Job.id)).where(*conditions, *one).order_by(col(Job.id).desc()).limit(most) for one in groups]
    ids = union_all(*[columns(one.subquery().c.id) for one in newest]).subquery()
    return session.connection().execute(columns(ids.c.id).order_by(ids.c.id.desc()).limit(most)).scalars().all()


def _job(row: Job, question: str | None, workspace: str) -> OperationsJob:
    return OperationsJob(
        id=row.id,
        analysis_id=row.analysis_id,
        workspace=workspace,
        question=question or "",
        queue=row.queue,
        kind=row.kind,
        label=label_of(row),
        status=row.status,
        done=row.done,
        total=row.total,
        attempts=row.attempts,
        max_attempts=row.max_attempts,
        worker=row.worker,
        error=row.error_message,
        created_at=row.created_at,
        run_after=row.run_after,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        finished_at=row.finished_at,
    )
