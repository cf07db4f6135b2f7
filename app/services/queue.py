"""Where an analysis stands in line, how long that lasts, and why it waits: from rows, for its owner.

The order is the claim's own (`services.fairness`): the place is that of the job that will be taken, not of a message.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import literal_column
from sqlmodel import Session, col, select

from app.core.db import database_now
from app.models import Analysis, AnalysisStatus, Job, JobStatus, QueueHold, Worker
from app.services import fairness, queueing
from app.services.contract import QueueView
from app.services.fairness import Offer, Running
from app.services.transitions import JOB_WAITING

WORKER_SILENCE_SECONDS = 10.0
"""A worker that has been silent for this long does not count; it speaks every three seconds, so that one that died
has left the total within thirteen."""

SWEEP_MARGIN_SECONDS = 6
"""How much later than due a job may be sent: the scheduler looks every five seconds."""

RECENT_JOBS = 200
"""Finished jobs whose durations make the estimate of a wait."""

UNKNOWN_SECONDS = (0.5, 5.0, 10.0)
"""Short, middling and long time in a slot, while nothing is known of a kind."""

LOOKED_AHEAD = 1000
"""Offers that are counted for a place."""

LIKELY = 0.9
"""Share of the durations that the band's upper end covers."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long one turn in a slot lasts, in seconds."""

    short: float
    middle: float
    long: float


def workers(session: Session, queues: Collection[str] = ()) -> tuple[int, int]:
    """Return how many jobs could start now, and how many could run in all.

    Args:
        session: Any session.
        queues: Count only workers that take one of these queue classes; all when empty.
    """
    alive = _alive(session, queues)
    total = sum(slots for _, slots in alive)
    names = {name for name, _ in alive}
    under_way = [one for one in queueing.running(session) if one.pool is None or one.pool in names]
    # A process that took several jobs together fills one slot.
    busy = len({one.worker for one in under_way if one.worker}) + sum(not one.worker for one in under_way)
    return max(0, total - busy), total


def position(session: Session, analysis: Analysis) -> QueueView:
    """Return the analysis's place among those that wait for a worker, its wait as a band in seconds, and why."""
    free, total = workers(session)
    nothing = QueueView(workers_free=free, workers_total=total)
    if analysis.status not in {AnalysisStatus.QUEUED, AnalysisStatus.RUNNING}:
        return nothing
    now = database_now(session)
    rows = session.exec(
        select(Job).where(Job.analysis_id == analysis.id, col(Job.status).in_([*JOB_WAITING, JobStatus.PAUSED]))
    ).all()
    jobs = [job for job in rows if job.status != JobStatus.PAUSED]
    due = [job for job in jobs if job.run_after <= now]
    under_way = queueing.running(session)
    if any(one.analysis_id == analysis.id for one in under_way):
        return nothing.model_copy(update={"why": _why_not_due(jobs, now)})
    if not jobs:
        return nothing.model_copy(update={"why": _why_paused(len(rows))})
    queues = {job.queue for job in due or jobs}
    held = session.exec(select(QueueHold).where(col(QueueHold.queue).in_(queues))).first()
    free, total = workers(session, queues)
    if held is not None or total == 0:
        nobody = "No worker is running for this now; `asterism run` brings one back, elsewhere start `asterism worker`."
        return QueueView(
            place=1, why=nobody if held is None else _why_held(held), workers_free=free, workers_total=total
        )
    if not due:
        return _not_due(jobs, now, free, total)
    ahead = _ahead(session, analysis, due, under_way, now)
    others = {one.analysis_id for one in ahead}
    return QueueView(
        place=len(others) + 1,
        wait_seconds=_wait(session, ahead, under_way, free, total),
        why=_why_busy(session, analysis, others, free, total, due, under_way),
        workers_free=free,
        workers_total=total,
    )


def _alive(session: Session, queues: Collection[str]) -> list[tuple[str, int]]:
    since = database_now(session) - timedelta(seconds=WORKER_SILENCE_SECONDS)
    rows = session.exec(
        select(Worker.id, Worker.concurrency, Worker.queues).where(col(Worker.heartbeat_at) > since)
    ).all()
    return [(name, slots) for name, slots, taken in rows if not queues or not taken or set(taken) & set(queues)]


def _ahead(
    session: Session, analysis: Analysis, due: Sequence[Job], under_way: Sequence[Running], now: datetime
) -> list[Offer]:
    """Return the jobs that are taken before the first of ours."""
    offers = queueing.offers(session, busy=fairness.busy(under_way), most=LOOKED_AHEAD)
    if not any(one.analysis_id == analysis.id for one in offers):
        first = min(due, key=lambda job: job.id)
        offers.append(Offer(first.id, analysis.id, analysis.workspace_id, first.kind, first.queue, first.turn or now))
    order = fairness.ordered(offers, under_way)
    mine = next(number for number, one in enumerate(order) if one.analysis_id == analysis.id)
    return _one_round(order[:mine], under_way)


def _one_round(offers: Sequence[Offer], under_way: Sequence[Running]) -> list[Offer]:
    """Leave of each analysis one job: once that runs, what else it has stands behind those of which nothing runs."""
    seen = {one.analysis_id for one in under_way}
    kept = []
    for offer in offers:
        if offer.analysis_id not in seen or offer.queue in fairness.URGENT:
            kept.append(offer)
        seen.add(offer.analysis_id)
    return kept


def _wait(
    session: Session, ahead: Sequence[Offer], under_way: Sequence[Running], free: int, total: int
) -> tuple[int, int]:
    """Return a band: what runs and what stands before us, times what such jobs took lately, over the slots."""
    if free > len(ahead):
        return (0, 2)
    known = durations(session)
    before = [known.get(one.kind, _UNKNOWN) for one in ahead]
    now_running = [known.get(one.kind, _UNKNOWN) for one in under_way]
    every = [*before, *now_running] or [_UNKNOWN]
    middle = sum(one.middle for one in every) / len(every)
    behind = (len(ahead) - free) / total
    low = behind * middle * 0.5 - 1
    high = (behind + 1) * middle * 1.5 + max(one.long for one in every) + 1
    return max(0, math.floor(low)), max(2, math.ceil(high))


def durations(session: Session) -> dict[str, Durations]:
    """Return how long jobs of each kind lately kept a slot; what runs long gives it back when others wait."""
    rows = session.exec(
        select(Job.kind, Job.started_at, Job.finished_at)
        .where(col(Job.status) == literal_column("'succeeded'"), col(Job.fence) == literal_column("1"))
        .order_by(col(Job.finished_at).desc())
        .limit(RECENT_JOBS)
    ).all()
    found: dict[str, list[float]] = defaultdict(list)
    for kind, start, end in rows:
        if start and end:
            found[kind].append(min((end - start).total_seconds(), fairness.TURN_SECONDS + 1))
    return {kind: _spread(sorted(seconds)) for kind, seconds in found.items()}


def _spread(seconds: Sequence[float]) -> Durations:
    def at(share: float) -> float:
        return seconds[min(len(seconds) - 1, int(len(seconds) * share))]

    return Durations(short=at(1 - LIKELY), middle=at(0.5), long=at(LIKELY))


_UNKNOWN = Durations(*UNKNOWN_SECONDS)


def _why_busy(
    session: Session,
    analysis: Analysis,
    others: Collection[str],
    free: int,
    total: int,
    due: Sequence[Job],
    under_way: Sequence[Running],
) -> str | None:
    running = Counter(one.queue for one in under_way)
    if free and not others:
        full = next((job.queue for job in due if not fairness.has_room(job.queue, running, total)), None)
        return None if full is None else f"The share of the workers that {full} work may take is in use."
    if free:
        return f"{_count(session, analysis, others)} ahead."
    busy = "The one worker is busy" if total == 1 else f"All {total} workers are busy"
    return busy + (f"; {_count(session, analysis, others)} ahead." if others else ".")


def _count(session: Session, analysis: Analysis, others: Collection[str]) -> str:
    rows = session.exec(select(Analysis.workspace_id).where(col(Analysis.id).in_(others))).all()
    mine = sum(workspace_id == analysis.workspace_id for workspace_id in rows)
    if len(others) == 1:
        return "1 analysis of yours is" if mine else "1 analysis is"
    if mine in {0, len(others)}:
        return f"{len(others)} analyses{' of yours' if mine else ''} are"
    return f"{len(others)} analyses, {mine} of them yours, are"


def _not_due(jobs: Sequence[Job], now: datetime, free: int, total: int) -> QueueView:
    seconds = max(0, math.ceil((min(job.run_after for job in jobs) - now).total_seconds()))
    return QueueView(
        place=1,
        wait_seconds=(seconds, seconds + SWEEP_MARGIN_SECONDS),
        why=_why_not_due(jobs, now),
        workers_free=free,
        workers_total=total,
    )


def _why_not_due(jobs: Sequence[Job], now: datetime) -> str | None:
    waiting = [job for job in jobs if job.run_after > now and job.error_message]
    if not waiting:
        return None
    first = min(waiting, key=lambda job: job.run_after)
    message = first.error_message or ""
    return message if "UTC" in message else f"{message} It goes on at {first.run_after:%H:%M} UTC."


def _why_paused(jobs: int) -> str | None:
    if not jobs:
        return None
    return "1 job of it is paused; resume it." if jobs == 1 else f"{jobs} jobs of it are paused; resume them."


def _why_held(held: QueueHold) -> str:
    return f"The queue {held.queue} is on hold since {held.since:%H:%M} UTC: {held.reason}"
