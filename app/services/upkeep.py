"""What the scheduler does at each sweep: give silent workers' jobs to others, send lost messages again, tidy up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select

from app.core.crashpoints import crashpoint
from app.core.db import Database, database_now
from app.models import Job, JobStatus, LoginSession, Schedule, WelcomeLink, Worker
from app.services import claims, ledger, queue, timeline
from app.services.imports import library
from app.services.moves import move_job
from app.services.ownership import lock_analysis
from app.services.queueing import RESEND_SECONDS, RUNNING, WAITING, dispatch
from app.services.stages import plan
from app.services.transitions import JobMove

log = structlog.get_logger(__name__)

AT_ONCE = 200
"""Rows that one sweep looks at; the next one goes on."""

DUE_ROWS = 1000
"""Due jobs among which one sweep looks for analyses."""

SCHEDULER_ROW = "scheduler"
WORKER_FORGOTTEN_SECONDS = 300.0


def sweep(store: Database, *, sweep_seconds: float) -> None:
    """Do one round. Two schedulers doing it at once do no harm: every step is a conditional update."""
    reclaim_expired(store)
    resend_due(store)
    for name, every, action in SCHEDULED:
        start_if_due(store, name, every, action)
    with store.write() as session:
        _mark_tick(session, sweep_seconds)


def reclaim_expired(store: Database) -> int:
    """Put jobs back whose lease has run out; returns how many."""
    with store.read() as session:
        found = expired(session)
    return sum(reclaim(store, job_id, analysis_id) for job_id, analysis_id in found if analysis_id)


def expired(session: Session) -> Sequence[tuple[str, str | None]]:
    """Return job and analysis of leases that have run out."""
    return session.exec(
        select(Job.id, Job.analysis_id).where(RUNNING, col(Job.lease_until) < database_now(session)).limit(AT_ONCE)
    ).all()


def reclaim_orphans(store: Database, is_gone: Callable[[str], bool]) -> int:
    """Put jobs back whose process is known to be dead, without waiting for the lease; returns how many."""
    with store.read() as session:
        found = session.exec(select(Job.id, Job.analysis_id, Job.worker).where(RUNNING).limit(AT_ONCE)).all()
    dead = [(job_id, analysis_id, worker) for job_id, analysis_id, worker in found if worker and is_gone(worker)]
    return sum(
        reclaim(store, job_id, analysis_id, worker=worker) for job_id, analysis_id, worker in dead if analysis_id
    )


def forget_dead(store: Database, is_gone: Callable[[str], bool]) -> int:
    """Delete the rows of workers whose process is known to be dead, so that no page counts them; returns how many."""
    with store.read() as session:
        dead = [name for name in session.exec(select(Worker.id)) if is_gone(name)]
    if dead:
        with store.write() as session:
            session.connection().execute(delete(Worker).where(col(Worker.id).in_(dead)))
    return len(dead)


def reclaim(store: Database, job_id: str, analysis_id: str, *, worker: str | None = None) -> bool:
    """Put one job back, or give it up when it has cost too many attempts.

    Args:
        store: Where it is.
        job_id: Which job.
        analysis_id: Whose.
        worker: The dead worker; None when the lease decides.
    """
    with store.write() as session:
        analysis = lock_analysis(session, analysis_id)
        now = database_now(session)
        job = session.exec(select(Job).where(Job.id == job_id).execution_options(populate_existing=True)).one()
        silent = job.worker == worker if worker else job.lease_until is not None and job.lease_until < now
        if job.status != JobStatus.RUNNING or not silent:
            return False
        job.lease_until = None
        job.worker = None
        job.sent_at = None
        if job.attempts >= job.max_attempts:
            message = f"Its worker was lost in attempt {job.attempts} of {job.max_attempts}, so it is not tried again."
            move_job(job, JobMove.GIVE_UP)
            job.finished_at = now
            job.error_kind, job.error_message = "worker_lost", message
            session.flush()
            claims.bury(session, analysis, job.id, job.kind, message, payload=job.payload, attempts=job.attempts)
            plan.advance(session, analysis)
        else:
            move_job(job, JobMove.LOSE)
            job.run_after = now
            session.flush()
            timeline.record(
                session,
                analysis,
                "job.reclaimed",
                f"{claims.STAGE_VERBS[job.kind]}: its worker was lost; it goes on where it stopped.",
                job_id=job.id,
                stage=job.kind,
            )
            dispatch(session, analysis.id)
        crashpoint("sweep.reclaiming")
    crashpoint("sweep.reclaimed")
    log.info("job.reclaimed", job_id=job_id)
    return True


def resend_due(store: Database) -> int:
    """Send due jobs whose message was never sent or seems lost; returns how many."""
    with store.read() as session:
        # While no slot is free a lost message costs nothing, and one that waits its turn need not be sent twice.
        resend = queue.workers(session)[0] > 0
        analyses = due_analyses(session, resend=resend)
    sent = 0
    for analysis_id in analyses:
        if analysis_id is None:
            continue
        with store.write() as session:
            lock_analysis(session, analysis_id)
            sent += dispatch(session, analysis_id, resend=resend)
        crashpoint("sweep.resent")
    return sent


def due_analyses(session: Session, *, resend: bool) -> Sequence[str | None]:
    """Return the analyses that have due jobs whose message was never sent; with `resend` also those of stale ones."""
    now = database_now(session)
    stale = now - timedelta(seconds=RESEND_SECONDS)
    unsent = col(Job.sent_at).is_(None)
    # Of the first rows alone: for a plain DISTINCT SQLite walks the index of all jobs, finished ones too.
    first = (
        select(Job.analysis_id)
        .where(WAITING, col(Job.run_after) <= now, or_(unsent, col(Job.sent_at) <= stale) if resend else unsent)
        .order_by(col(Job.run_after))
        .limit(DUE_ROWS)
        .subquery()
    )
    return session.exec(select(first.c.analysis_id).distinct().limit(AT_ONCE)).all()


def start_if_due(store: Database, name: str, every: float, action: Callable[[Session], object]) -> bool:
    """Run a scheduled action in the transaction that moves its due time on: of two schedulers one wins."""
    with store.write() as session:
        now = database_now(session)
        _ensure(session, name, every, now)
        moved = session.connection().execute(
            update(Schedule)
            .where(col(Schedule.name) == name, col(Schedule.due_at) <= now)
            .values(due_at=now + timedelta(seconds=every), every_seconds=every, last_started_at=now)
        )
        if moved.rowcount != 1:
            return False
        crashpoint("schedule.starting")
        action(session)
    return True


def forget_workers(session: Session) -> None:
    """Delete rows of workers that have been silent for minutes."""
    before = database_now(session) - timedelta(seconds=WORKER_FORGOTTEN_SECONDS)
    session.connection().execute(delete(Worker).where(col(Worker.heartbeat_at) < before))


def forget_sessions(session: Session) -> None:
    """Delete sessions and links that are no longer good for anything."""
    now = database_now(session)
    session.connection().execute(delete(LoginSession).where(col(LoginSession.expires_at) < now))
    session.connection().execute(delete(WelcomeLink).where(col(WelcomeLink.expires_at) < now))


def last_tick(session: Session) -> Schedule | None:
    """Return the row that says when the scheduler last swept."""
    return session.get(Schedule, SCHEDULER_ROW)


SCHEDULED: tuple[tuple[str, float, Callable[[Session], object]], ...] = (
    ("settle_abandoned", 30.0, ledger.settle_abandoned),
    ("forget_workers", 60.0, forget_workers),
    ("forget_sessions", 3600.0, forget_sessions),
    ("sweep_unfinished_imports", 3600.0, library.sweep_unfinished),
)
"""Name, seconds between two starts, and what is done."""


def _mark_tick(session: Session, sweep_seconds: float) -> None:
    now = database_now(session)
    _ensure(session, SCHEDULER_ROW, sweep_seconds, now)
    session.connection().execute(
        update(Schedule)
        .where(col(Schedule.name) == SCHEDULER_ROW)
        .values(last_started_at=now, due_at=now + timedelta(seconds=sweep_seconds))
    )


def _ensure(session: Session, name: str, every: float, now: datetime) -> None:
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(
        insert(Schedule)
        .values(name=name, every_seconds=every, due_at=now)
        .on_conflict_do_nothing(index_elements=["name"])
    )
