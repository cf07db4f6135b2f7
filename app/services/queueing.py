"""Putting work in line: rows first, messages after commit, and never many of one analysis in the broker at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, literal_column, or_, union_all, update
from sqlalchemy import select as columns
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from app.core.clock import now as clock_now
from app.core.db import database_now
from app.core.errors import TooMany
from app.core.ids import new_id
from app.core.jobs import QueueClass, Wakeup, wake
from app.core.settings import settings
from app.models import Analysis, Job, JobStatus, QueueHold, Stage
from app.services import fairness
from app.services.access import Actor
from app.services.fairness import Offer, Running
from app.services.moves import move_jobs
from app.services.transitions import ANALYSIS_AT_WORK, JOB_FIRST, JOB_WAITING, JobMove

BROKER_SHARE = 4
"""Messages that one analysis may have with the workers at a time, so that a big one cannot starve a small one."""

RESEND_SECONDS = 5.0
"""A message that was not answered by a claim for this long is sent again; a second one finds its job taken."""

PAYLOAD_VERSION = 1
"""The newest form of a job's payload that this version of the program reads. It reads all older ones; a job of a newer
one is left to the workers of that version, which run beside ours while a deploy is under way."""

STAGE_KINDS = frozenset(stage.value for stage in Stage)
"""Kinds that belong to the analysis's run; others are errands, which may come after its end."""

OF_RUN = col(Job.kind).in_(sorted(STAGE_KINDS))

OFFERS_LOOKED_AT = 48
"""Offers of each rank among which the next one is chosen: twelve analyses with their whole share."""

FULL_SECONDS = 60.0
"""After how long it is worth asking again when the queue is full."""

WAITING = col(Job.status).in_([literal_column(f"'{status.value}'") for status in sorted(JOB_WAITING)])
"""As the partial indexes say it: no database can match a parameter with their condition."""

RUNNING = col(Job.status) == literal_column(f"'{JobStatus.RUNNING.value}'")

URGENT = col(Job.queue).in_([literal_column(f"'{queue.value}'") for queue in sorted(fairness.URGENT)])

_RANKS = (URGENT, ~URGENT)

_OFFERED = [
    col(name) for name in (Job.id, Job.analysis_id, Job.workspace_id, Job.kind, Job.queue, Job.turn, Job.attempts)
]
_RUNNING_COLUMNS = [
    col(name) for name in (Job.analysis_id, Job.workspace_id, Job.kind, Job.queue, Job.pool, Job.worker)
]

QUEUE_OF_KIND: Mapping[str, QueueClass] = {
    "collect": QueueClass.COLLECT,
    "clean": QueueClass.ANALYSE,
    "score": QueueClass.ANALYSE,
    "cluster": QueueClass.ANALYSE,
    "synthesise": QueueClass.ANALYSE,
    "report": QueueClass.ANALYSE,
    "answer": QueueClass.AI,
}


def enqueue(
    session: Session,
    analysis: Analysis,
    *,
    kind: str,
    name: str,
    payload: Mapping[str, object],
    provider: str | None = None,
    total: int | None = None,
    max_attempts: int = 3,
    queue: QueueClass | None = None,
) -> None:
    """Add a job; one of the same name that is closed, of an earlier round of its stage, is done once more.

    Args:
        session: The transaction of the change that makes the job necessary.
        analysis: Whose job it is.
        kind: Name of the handler.
        name: Unique among the analysis's jobs (`collect:0`).
        payload: What the handler needs, as plain JSON.
        provider: Registry id of the provider that it will call.
        total: Items expected, if known.
        max_attempts: Claims that may fail before it is given up.
        queue: Which workers take it, where that is not decided by its kind.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    now = database_now(session)
    dedupe_key = f"{analysis.id}:{name}"
    wanted: dict[str, Any] = {
        "queue": (queue or QUEUE_OF_KIND[kind]).value,
        "payload": dict(payload),
        "payload_version": PAYLOAD_VERSION,
        "provider": provider,
        "total": total,
        "max_attempts": max_attempts,
        "priority": analysis.priority,
        "done": 0,
        "attempts": 0,
        "refused_seconds": 0.0,
        "in_line_seconds": 0.0,
        "run_after": now,
    }
    added = session.connection().execute(
        insert(Job)
        .values(
            id=new_id(),
            workspace_id=analysis.workspace_id,
            analysis_id=analysis.id,
            kind=kind,
            dedupe_key=dedupe_key,
            status=JOB_FIRST.value,
            weight=1.0,
            fence=0,
            cost_micros=0,
            created_at=clock_now(),
            **wanted,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(col(Job.id))
    )
    if added.first() is None:
        move_jobs(
            session,
            JobMove.REPEAT,
            col(Job.dedupe_key) == dedupe_key,
            cursor=None,
            sent_at=None,
            turn=None,
            worker=None,
            started_at=None,
            finished_at=None,
            error_kind=None,
            error_message=None,
            **wanted,
        )


def dispatch(session: Session, analysis_id: str, *, resend: bool = False) -> int:
    """Hand the analysis's next due jobs to the workers, up to its share, after commit.

    Args:
        session: A write transaction that holds the analysis's lock.
        analysis_id: Whose jobs.
        resend: Also send again what was sent `RESEND_SECONDS` ago and never claimed: its message may be lost.

    Returns:
        How many messages will be sent.
    """
    now = database_now(session)
    stale = now - timedelta(seconds=RESEND_SECONDS)
    unsent = col(Job.sent_at).is_(None)
    rows = session.exec(
        select(Job.id, Job.queue)
        .where(
            Job.analysis_id == analysis_id,
            WAITING,
            _wanted_now(),
            col(Job.run_after) <= now,
            or_(unsent, col(Job.sent_at) <= stale) if resend else unsent,
        )
        .order_by(col(Job.id))
        .limit(BROKER_SHARE)
    ).all()
    if not rows:  # so it is at the end of most jobs: what follows them was sent long ago
        return 0
    under_way = session.exec(
        select(func.count())
        .select_from(Job)
        .where(
            Job.analysis_id == analysis_id,
            or_(
                RUNNING,
                WAITING & col(Job.sent_at).is_not(None) & (col(Job.sent_at) > stale)
                if resend
                else WAITING & col(Job.sent_at).is_not(None),
            ),
        )
    ).one()
    room = BROKER_SHARE - int(under_way)
    return _offer(session, analysis_id, [(identifier, queue) for identifier, queue in rows[: max(0, room)]], now)


def _offer(session: Session, analysis_id: str, rows: Sequence[tuple[str, str]], now: datetime) -> int:
    """Give each job its turn, and wake the workers after commit; returns how many."""
    if not rows:
        return 0
    first = session.exec(select(Job.workspace_id, Job.priority).where(Job.id == rows[0][0])).one()
    of_workspace, of_analysis = _outstanding(session, first[0], analysis_id)
    for number, (identifier, queue) in enumerate(rows):
        turn = fairness.turn(
            now,
            of_analysis=of_analysis + number,
            of_workspace=of_workspace + number,
            priority=first[1],
            queue=queue,
        )
        session.connection().execute(
            update(Job).where(col(Job.id) == identifier).values(sent_at=now, turn=func.coalesce(Job.turn, turn))
        )
        wake(session, Wakeup(identifier, QueueClass(queue)))
    return len(rows)


def _outstanding(session: Session, workspace_id: str, analysis_id: str) -> tuple[int, int]:
    """Count what a workspace, and one analysis of it, have with the workers: running, or waiting for its turn."""
    there = or_(RUNNING, WAITING & col(Job.sent_at).is_not(None))
    counted = session.exec(
        select(func.count(), func.coalesce(func.sum(case((col(Job.analysis_id) == analysis_id, 1), else_=0)), 0)).where(
            Job.workspace_id == workspace_id, there
        )
    ).one()
    return int(counted[0]), int(counted[1])


def offers(
    session: Session,
    *,
    queues: Collection[str] = (),
    named: str | None = None,
    full: Collection[str] = (),
    busy: frozenset[str] = frozenset(),
    most: int = OFFERS_LOOKED_AT,
) -> list[Offer]:
    """Return what was handed to the workers and may be taken now; none of queues that are held.

    Of each rank of `fairness.ordered` (short work or long, of an analysis of which nothing runs or of another) come
    those whose turn is first, so that nothing stands before what goes first, however much of it there is.

    Args:
        session: Any session.
        queues: Only of these classes; all when empty.
        named: A job that a message names: it counts even if no turn was given to it.
        full: Workspaces of which none is wanted, since they run as much as they may.
        busy: Analyses of which something runs.
        most: How many to look at of each rank.
    """
    now = database_now(session)
    # All that the claim asks for: what it refuses must not stand before what it would take. A database that found the
    # due ones by their time, and not by their turn, would read and sort them all: so it is asked in a roundabout way.
    may = [
        WAITING,
        _wanted_now(),
        *readable(),
        func.coalesce(Job.run_after, now) <= now,
        col(Job.queue).not_in(select(QueueHold.queue)),
    ]
    if queues:
        may.append(col(Job.queue).in_(queues))
    if full:
        may.append(col(Job.workspace_id).not_in(full))
    what = columns(*_OFFERED).where(*may)
    given = what.where(col(Job.sent_at).is_not(None)).order_by(col(Job.turn)).limit(most)
    connection = session.connection()
    rows = list(connection.execute(union_all(*[columns(given.where(rank).subquery()) for rank in _RANKS])).all())
    for rank, short in zip(_RANKS, (True, False), strict=True):
        first = [row.analysis_id for row in rows if (row.queue in fairness.URGENT) is short]
        if len(first) == most and busy.issuperset(first):
            rows += connection.execute(given.where(rank, col(Job.analysis_id).not_in(busy))).all()
    if named is not None and all(row.id != named for row in rows):
        rows += connection.execute(what.where(col(Job.id) == named)).all()
    return [
        Offer(row.id, row.analysis_id, row.workspace_id, row.kind, row.queue, row.turn or now, row.attempts > 0)
        for row in rows
        if row.analysis_id is not None
    ]


def readable() -> tuple[ColumnElement[bool], ...]:
    """Return the conditions that a job has attempts left and a payload of a form that this version reads."""
    return col(Job.attempts) < col(Job.max_attempts), col(Job.payload_version) <= PAYLOAD_VERSION


def _wanted_now() -> ColumnElement[bool]:
    """Return the condition that a job's analysis is at work, or that the job is an errand, which needs no such."""
    at_work = exists().where(
        col(Analysis.id) == col(Job.analysis_id), col(Analysis.status).in_(sorted(ANALYSIS_AT_WORK))
    )
    return or_(~OF_RUN, at_work)


def running(session: Session) -> list[Running]:
    """Return what runs now."""
    rows = session.connection().execute(columns(*_RUNNING_COLUMNS).where(RUNNING)).all()
    return [Running(row.analysis_id or "", row.workspace_id, row.kind, row.queue, row.pool, row.worker) for row in rows]


def check_room(session: Session, actor: Actor) -> None:
    """Do nothing while the queue takes new work.

    Raises:
        TooMany: More jobs wait than the settings allow, of all or of this workspace.
    """
    config = settings()
    waiting = int(session.exec(select(func.count()).select_from(Job).where(WAITING)).one())
    if waiting >= config.queue_depth:
        raise TooMany(
            f"{waiting:,} jobs wait already, as many as this installation takes; try again in a minute.",
            retry_after=FULL_SECONDS,
        )
    if waiting < config.workspace_queue_depth:
        return
    mine = int(
        session.exec(select(func.count()).select_from(Job).where(WAITING, Job.workspace_id == actor.workspace_id)).one()
    )
    if mine >= config.workspace_queue_depth:
        raise TooMany(
            f"{mine:,} jobs of your workspace wait already, as many as one workspace may have; let some of your "
            "analyses end, or cancel them, and try again.",
            retry_after=FULL_SECONDS,
        )


def should_yield(session: Session, analysis_id: str, *, long: bool) -> bool:
    """Return whether a running job shall give its slot back: another analysis has a job whose turn has come.

    Args:
        session: Any session.
        analysis_id: Whose job runs.
        long: Its slice is over. Before that it gives way only to short work that goes first, and to an analysis of
            which nothing runs, while of its own another job runs, too.
    """
    under_way = running(session)
    busy = fairness.busy(under_way)
    waiting = [one for one in offers(session, busy=busy) if one.analysis_id != analysis_id]
    if long or not waiting:
        return bool(waiting)
    if any(one.queue in fairness.URGENT for one in waiting):
        return True
    mine = sum(one.analysis_id == analysis_id for one in under_way)
    idle = [one for one in waiting if one.analysis_id not in busy]
    fresh = mine > 1 or bool(idle and _never_started(session, [one.analysis_id for one in idle]))
    return bool(idle) and fresh


def _never_started(session: Session, analysis_ids: Sequence[str]) -> bool:
    query = select(Analysis.id).where(col(Analysis.id).in_(analysis_ids), col(Analysis.started_at).is_(None))
    return session.exec(query.limit(1)).first() is not None
