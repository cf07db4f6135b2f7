"""What who runs this installation sees of its queues and workers, across workspaces.

Every reading is made for a table of a million jobs: each query goes over a small index or one hour of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from pydantic import Field
from sqlalchemy import Integer, case, cast, extract, func
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.core.jobs import QueueClass
from app.models import DeadLetter, Job, JobStatus, QueueHold, Worker
from app.services.access import Action, Actor, require
from app.services.contract.basics import Contract, Moment
from app.services.queue import WORKER_SILENCE_SECONDS
from app.services.queueing import RUNNING, WAITING

TREND_SECONDS = 300
TREND_POINTS = 12
"""Five minutes each: the last hour."""


class HoldView(Contract):
    """Why a queue stands."""

    since: Moment
    held_by: str
    reason: str


class TrendPoint(Contract):
    """What five minutes brought."""

    done: int = 0
    failed: int = 0
    """Given up for good."""


class QueueRow(Contract):
    """One queue class."""

    queue: str
    due: int
    """Waiting, and could start now."""
    later: int
    """Waiting for a time: a rate limit, or the pause before another attempt."""
    running: int
    oldest_due_seconds: float | None
    """How long the longest waiting due job has been due; None when none is. Says more than the depth."""
    slots: int
    """Jobs that living workers could run of it at a time, if nothing else ran."""
    trend: list[TrendPoint]
    """The last hour in steps of five minutes, the present one last."""
    hold: HoldView | None


class WorkerRow(Contract):
    """One worker process that lives, by its own word."""

    id: str
    host: str
    process: int | None
    queues: list[str]
    slots: int
    running: int
    started_at: Moment
    heartbeat_at: Moment


class OperationsView(Contract):
    """The whole at one moment."""

    at: Moment
    queues: list[QueueRow]
    workers: list[WorkerRow]
    dead_letters: int = Field(description="Jobs that were given up and lie there.")


def view(session: Session, actor: Actor) -> OperationsView:
    """Return queues and workers as they are now. Raises `NotPermitted`."""
    require(actor, Action.OPERATIONS_READ)
    now = database_now(session)
    workers = _workers(session, now)
    running = Counter(dict(session.exec(select(Job.queue, func.count()).where(RUNNING).group_by(col(Job.queue))).all()))
    due_now = case((col(Job.run_after) <= now, 1), else_=0)
    waiting = {
        queue: (int(due or 0), int(count), oldest)
        for queue, count, due, oldest in session.exec(
            select(Job.queue, func.count(), func.sum(due_now), func.min(Job.run_after))
            .where(WAITING)
            .group_by(col(Job.queue))
        )
    }
    holds = {hold.queue: hold for hold in session.exec(select(QueueHold))}
    trends = _trends(session, now)
    rows = []
    for queue in QueueClass:
        due, count, oldest = waiting.get(queue.value, (0, 0, None))
        hold = holds.get(queue.value)
        rows.append(
            QueueRow(
                queue=queue.value,
                due=due,
                later=count - due,
                running=running[queue.value],
                oldest_due_seconds=(now - oldest).total_seconds() if due and oldest is not None else None,
                slots=sum(worker.slots for worker in workers if not worker.queues or queue.value in worker.queues),
                trend=trends[queue.value],
                hold=None if hold is None else HoldView(since=hold.since, held_by=hold.held_by, reason=hold.reason),
            )
        )
    letters = session.exec(
        select(func.count()).select_from(DeadLetter).where(col(DeadLetter.resolved_at).is_(None))
    ).one()
    return OperationsView(at=now, queues=rows, workers=workers, dead_letters=int(letters))


def _workers(session: Session, now: datetime) -> list[WorkerRow]:
    alive = now - timedelta(seconds=WORKER_SILENCE_SECONDS)
    running = Counter(dict(session.exec(select(Job.pool, func.count()).where(RUNNING).group_by(col(Job.pool))).all()))
    rows = []
    for worker in session.exec(select(Worker).where(col(Worker.heartbeat_at) > alive).order_by(col(Worker.id))):
        host, _, rest = worker.id.partition("|")
        process = rest.partition("|")[0]
        rows.append(
            WorkerRow(
                id=worker.id,
                host=host,
                process=int(process) if process.isdecimal() else None,
                queues=worker.queues,
                slots=worker.concurrency,
                running=running[worker.id],
                started_at=worker.started_at,
                heartbeat_at=worker.heartbeat_at,
            )
        )
    return rows


def _trends(session: Session, now: datetime) -> dict[str, list[TrendPoint]]:
    """Count what ended in each five minutes of the last hour, by queue."""
    last = int(now.timestamp()) // TREND_SECONDS
    since = datetime.fromtimestamp((last - TREND_POINTS + 1) * TREND_SECONDS, tz=now.tzinfo)
    step = cast(extract("epoch", col(Job.finished_at)), Integer) / TREND_SECONDS
    bucket = cast(func.floor(step), Integer)
    found = session.exec(
        select(Job.queue, bucket, Job.status, func.count())
        .where(col(Job.finished_at) >= since, col(Job.status).in_([JobStatus.SUCCEEDED, JobStatus.DEAD]))
        .group_by(col(Job.queue), bucket, col(Job.status))
    ).all()
    return _points(found, last)


def _points(found: Iterable[tuple[str, int, str, int]], last: int) -> dict[str, list[TrendPoint]]:
    points: dict[str, list[TrendPoint]] = defaultdict(lambda: [TrendPoint() for _ in range(TREND_POINTS)])
    for queue, bucket, status, count in found:
        place = TREND_POINTS - 1 - (last - int(bucket))
        if 0 <= place < TREND_POINTS:
            if status == JobStatus.SUCCEEDED:
                points[queue][place].done += count
            else:
                points[queue][place].failed += count
    return points
