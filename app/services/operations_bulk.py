"""One action on every job that a filter of the operations page matches, however many those are.

What was counted for the confirmation is what is done: jobs that came later than the newest one counted are left alone.
The work is done in small transactions, so that claims and pages go on between them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import structlog
from pydantic import Field
from sqlalchemy import ColumnElement, func, tuple_
from sqlmodel import Session, col, select

from app.core.db import Database
from app.core.errors import InvalidInput
from app.models import DeadLetter, Job
from app.services import audit, steering
from app.services.access import Action, Actor, require
from app.services.contract.basics import Contract
from app.services.operations_jobs import States, statuses_of
from app.services.steering import Steer
from app.services.transitions import JobMove, job_sources

log = structlog.get_logger(__name__)

BATCH = 25
"""Jobs of one transaction: on a busy machine a job takes up to 20 ms, and nobody shall wait for a second."""
PAUSE_SECONDS = 0.05
"""Between two of them on SQLite, where nobody stands in line for the file. While 3,000 jobs were paused, another
that wrote every 20 ms waited, by `python -m tests.benchmarks.bulk` (median, 95 %, longest): 0.17, 0.29, 0.43 s without
a pause; 0.17, 0.19, 0.25 s at 20 ms; 0.01, 0.21, 0.30 s at 50 ms. The action took 23 to 27 s in any case."""
MOST = 10_000
"""Jobs of one action; with more than that it is repeated."""


class Matching(Contract):
    """How many jobs an action would touch: those of the filter that stand where it can be done."""

    count: int
    newest: str | None = Field(description="Id of the newest of them; None when there are none.")


class BulkOutcome(Contract):
    """What became of them."""

    matched: int
    done: int
    refused: int
    why: str | None = Field(default=None, description="The commonest reason why some were refused, as a sentence.")
    left: int = Field(description=f"Beyond the {MOST:,} that one action takes; repeat it for them.")


def matching(
    session: Session, actor: Actor, *, move: Steer, state: States = "open", queue: str | None = None
) -> Matching:
    """Count the jobs of all workspaces that the action would touch now.

    Raises:
        NotPermitted: The actor does not run this installation, or only looks.
    """
    require(actor, Action.OPERATIONS_STEER)
    count, newest = session.exec(select(func.count(), func.max(Job.id)).where(*_conditions(move, state, queue))).one()
    return Matching(count=count, newest=newest)


def steer_matching(
    database: Database,
    actor: Actor,
    *,
    move: Steer,
    state: States = "open",
    queue: str | None = None,
    newest: str | None = None,
    most: int = MOST,
) -> BulkOutcome:
    """Do one thing with every job that matches; one line of the audit trail says so, with the filter and the count.

    What is not possible for one of them is counted and does not stop the others. When the process dies on the way,
    what was done is done and the rest is as it was; the same call again goes on.

    Args:
        database: Where; each batch is a transaction of its own.
        actor: Who wants it.
        move: What.
        state: The filter, as `operations_jobs.jobs` takes it.
        queue: Only of this queue class.
        newest: Leave jobs alone that came after this one (`Matching.newest`); None takes what matches now.
        most: Do at most so many.

    Raises:
        NotPermitted: The actor does not run this installation, or only looks.
        InvalidInput: `most` is out of range.
    """
    require(actor, Action.OPERATIONS_STEER)
    if not 0 < most <= MOST:
        raise InvalidInput(f"One action takes from 1 to {MOST:,} jobs; repeat it for more.", field="most")
    with database.read() as session:
        found = matching(session, actor, move=move, state=state, queue=queue)
    upper = min(newest, found.newest or "") if newest else found.newest
    looked = done = matched = 0
    reasons: Counter[str] = Counter()
    after: tuple[str, str] | None = None
    while upper and looked < most:
        with database.write() as session:
            conditions = [*_conditions(move, state, queue), col(Job.id) <= upper]
            if after is None:
                matched = session.exec(select(func.count()).select_from(Job).where(*conditions)).one()
            batch = _next(session, conditions, after, min(BATCH, most - looked))
            if not batch:
                break
            if after is None:
                audit.record(session, actor, f"jobs:{move}", "matching", state=state, queue=queue, count=matched)
            outcomes = steering.steer_many(session, actor, [job_id for _, job_id in batch], move, audited=False)
        if database.is_sqlite:
            time.sleep(PAUSE_SECONDS)
        after = batch[-1]
        looked += len(batch)
        done += sum(one.done for one in outcomes)
        reasons.update(one.why for one in outcomes if not one.done and one.why)
    log.info("operations.steered_matching", move=str(move), state=state, queue=queue, done=done, matched=matched)
    return BulkOutcome(
        matched=matched,
        done=done,
        refused=looked - done,
        why=reasons.most_common(1)[0][0] if reasons else None,
        left=max(0, matched - looked),
    )


def _conditions(move: Steer, state: States, queue: str | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Job.analysis_id).is_not(None)]
    statuses = statuses_of(state)
    if move in {Steer.RETRY, Steer.DISCARD}:  # a letter that was put away is not taken up again by the dozen
        possible = job_sources(JobMove.RETRY)
        conditions.append(col(Job.id).in_(select(DeadLetter.job_id).where(col(DeadLetter.resolved_at).is_(None))))
    else:
        possible = job_sources(JobMove(move.value))
    wanted = [status for status in possible if statuses is None or status in statuses]
    conditions.append(col(Job.status).in_(wanted))
    if queue:
        conditions.append(col(Job.queue) == queue)
    return conditions


def _next(
    session: Session, conditions: Sequence[ColumnElement[bool]], after: tuple[str, str] | None, limit: int
) -> list[tuple[str, str]]:
    """Return the next jobs, analysis by analysis and the older first: earlier steps decide about later ones."""
    place: tuple[Any, Any] = (col(Job.analysis_id), col(Job.id))
    query = select(Job.analysis_id, Job.id).where(*conditions)
    if after is not None:
        query = query.where(tuple_(*place) > after)
    return [(analysis_id or "", job_id) for analysis_id, job_id in session.exec(query.order_by(*place).limit(limit))]
