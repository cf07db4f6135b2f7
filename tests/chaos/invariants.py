"""What must hold after every run, whatever happened in it.

I1 accepted work is over, and nothing of it is lost    I4 every timeline has all its numbers, and every end once
I2 every effect is there once                          I5 no secret is in a log, the database or the broker's file
I3 the ledger is what the provider saw, in money too   I6 the audit trail is whole, each act as it was written
                                                       I7 what a user is shown is true
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, select

from app.models import (
    Analysis,
    AuditEvent,
    CostEntry,
    DeadLetter,
    Item,
    Job,
    JobEvent,
    JobStatus,
    Reservation,
    ReservationStatus,
)
from app.services import analyses, audit_chain, jobs
from app.services.transitions import ANALYSIS_CLOSED, JOB_OPEN
from tests.chaos import errands

if TYPE_CHECKING:
    from tests.chaos.world import World


def check(world: World) -> None:
    """Check all of them; raises `AssertionError` with everything that is wrong."""
    with world.database.read() as session:
        found = [*_work(world, session), *_effects(world, session), *_money(world, session), *_timelines(session)]
        found += [*_audited(world, session), *_shown(world, session)]
    found += _secrets(world)
    assert not found, "\n".join([*found, world.report()])


def _work(world: World, session: Session) -> list[str]:
    """I1."""
    found = []
    for analysis in session.exec(select(Analysis)):
        rows = session.exec(select(Job).where(Job.analysis_id == analysis.id)).all()
        if analysis.status not in ANALYSIS_CLOSED:
            found.append(f"analysis {analysis.id} is {analysis.status}")
        found += [f"job {job.kind} is {job.status} under a closed analysis" for job in rows if job.status in JOB_OPEN]
        if analysis.status == "completed":
            undone = [job.kind for job in rows if job.status != JobStatus.SUCCEEDED]
            found += [f"completed with {kind} undone" for kind in undone]
            world.tally.losses += len(undone)
        letters = {
            letter.job_id
            for letter in session.exec(select(DeadLetter).where(col(DeadLetter.job_id).in_([job.id for job in rows])))
        }
        found += [
            f"dead {job.kind} without a letter or a reason"
            for job in rows
            if job.status == JobStatus.DEAD and (job.id not in letters or not job.error_message)
        ]
    return found


def _effects(world: World, session: Session) -> list[str]:
    """I2."""
    found = []
    done = Counter(session.exec(select(JobEvent.job_id).where(JobEvent.kind == errands.DONE)).all())
    for job in session.exec(select(Job).where(Job.kind == "collect")):
        if "errand" in job.payload:
            wanted = int(job.status == JobStatus.SUCCEEDED)
            world.tally.losses += max(0, wanted - done[job.id])
            world.tally.duplicates += max(0, done[job.id] - wanted)
            if done[job.id] != wanted:
                found.append(f"errand {job.payload['errand']['name']} ({job.status}) has {done[job.id]} effects")
    for analysis in session.exec(select(Analysis).where(Analysis.status == "completed")):
        sources = analysis.request["sources"]
        external = session.exec(select(Item.external_id).where(Item.analysis_id == analysis.id)).all()
        world.tally.duplicates += len(external) - len(set(external))
        if any("errand" in job.payload for job in session.exec(select(Job).where(Job.analysis_id == analysis.id))):
            continue
        if analysis.request.get("max_items") is None:
            wanted = sum(world.expected(source["query"]["subreddit"]) for source in sources)
            world.tally.losses += max(0, wanted - len(external))
            world.tally.duplicates += max(0, len(external) - wanted)
            if len(external) != wanted:
                found.append(f"{len(external)} items where the sandbox has {wanted}")
    return found


def _money(world: World, session: Session) -> list[str]:
    """I3. What is settled was called; what was called is settled or counted as unknown at its worst case."""
    found = []
    for analysis in session.exec(select(Analysis)):
        spent = session.exec(
            select(func.coalesce(func.sum(CostEntry.amount_micros), 0)).where(CostEntry.analysis_id == analysis.id)
        ).one()
        if (analysis.spent_micros, analysis.reserved_micros) != (spent, 0):
            found.append(f"spent {analysis.spent_micros} (lines: {spent}), still held back {analysis.reserved_micros}")
        if analysis.spent_micros > analysis.cap_micros:
            found.append(f"spent {analysis.spent_micros} of a cap of {analysis.cap_micros}")
    for line in session.exec(select(CostEntry)):
        if line.amount_micros != -(-line.quantity * line.unit_price_micros_per_million // 1_000_000):
            found.append(f"{line.quantity} times {line.unit_price_micros_per_million} is not {line.amount_micros}")
    if open_ones := _count(session, Reservation, Reservation.status == ReservationStatus.OPEN):
        found.append(f"{open_ones} reservations are open")
    lines = dict(
        session.exec(
            select(Reservation.status, func.coalesce(func.sum(CostEntry.quantity), 0))
            .join(CostEntry, col(CostEntry.reservation_id) == col(Reservation.id))
            .where(CostEntry.unit == "request", CostEntry.provider == "reddit")
            .group_by(Reservation.status)
        ).all()
    )
    made = sum(1 for line in world.sandbox.log.entries() if line["remote"] == "reddit")
    settled, unknown = int(lines.get("settled", 0)), int(lines.get("unknown", 0))
    least = settled if world.provider_line is None else 0  # what a cut line swallowed was called, and never seen
    most = made if world.estimates else settled + unknown  # estimates of the web process ask too, and cost no one
    if not least <= made <= most:
        found.append(f"the sandbox saw {made} requests, the ledger {settled} and at most {unknown} more")
    world.tally.duplicates += max(0, least - made)
    world.tally.losses += max(0, made - most)
    return found


def _timelines(session: Session) -> list[str]:
    """I4."""
    found = []
    for analysis in session.exec(select(Analysis)):
        rows = session.exec(
            select(JobEvent).where(JobEvent.analysis_id == analysis.id).order_by(col(JobEvent.sequence))
        ).all()
        if [row.sequence for row in rows] != list(range(1, analysis.event_sequence + 1)):
            found.append(f"the timeline goes {[row.sequence for row in rows]} up to {analysis.event_sequence}")
        ends = [row.kind for row in rows if row.kind == f"analysis.{analysis.status}"]
        if analysis.status in ANALYSIS_CLOSED and len(ends) != 1:
            found.append(f"the timeline tells {len(ends)} times that it is {analysis.status}")
        closed = Counter((row.job_id, row.kind) for row in rows if row.kind in {"job.succeeded", "job.dead"})
        found += [f"the timeline tells {count} times of {which}" for which, count in closed.items() if count > 1]
    return found


def _audited(world: World, session: Session) -> list[str]:
    """I6."""
    found = []
    for workspace_id in session.exec(select(AuditEvent.workspace_id).distinct()).all():
        verdict = audit_chain.verify(session, dataclasses.replace(world.actor, workspace_id=workspace_id))
        if not verdict.unbroken or verdict.unsealed:
            found.append(f"{audit_chain.told(verdict)} Not sealed: {verdict.unsealed}")
    for analysis in session.exec(select(Analysis)):
        acts = _count(session, AuditEvent, AuditEvent.action == "analysis:create", AuditEvent.subject == analysis.id)
        if acts != int(analysis.question != errands.QUESTION):
            found.append(f"the audit trail tells {acts} times that analysis {analysis.id} was started")
    return found


def _shown(world: World, session: Session) -> list[str]:
    """I7."""
    found = []
    for analysis in session.exec(select(Analysis)):
        if analysis.status not in ANALYSIS_CLOSED:
            continue
        view = analyses.view(session, world.actor, analysis.id)
        rows = jobs.rows(session, world.actor, analysis.id)
        counted = view.progress.jobs
        true = Counter(row.status for row in rows)
        if (counted.done, counted.running, counted.waiting, counted.dead) != (true["succeeded"], 0, 0, true["dead"]):
            found.append(f"the page counts {counted}, the rows are {dict(true)}")
        if view.status == "completed" and (view.progress.overall != 1 or view.error):
            found.append(f"completed at {view.progress.overall}, {view.error}")
        if view.status in {"partial", "failed"} and not view.error:
            found.append(f"{view.status} without a reason")
        if view.status in {"completed", "partial"}:
            stored = _count(session, Item, Item.analysis_id == analysis.id)
            if view.results.items != stored:
                found.append(f"the page says {view.results.items} items, stored are {stored}")
        if (view.cost.spent_micros, view.cost.reserved_micros) != (analysis.spent_micros, 0):
            found.append(f"the page says {view.cost}")
    return found


def _secrets(world: World) -> list[str]:
    """I5."""
    from tests.chaos.world import KEY, SECRET

    files = [path for path in world.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [
        f"{path.name} holds a secret"
        for path in files
        if any(secret in _bytes(path) for secret in (KEY.encode(), SECRET.encode()))
    ]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _count(session: Session, table, *conditions) -> int:
    return int(session.exec(select(func.count()).select_from(table).where(*conditions)).one())
