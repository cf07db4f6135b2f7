"""How long short jobs wait for their start while a hundred are asked for each second, and how many claims that takes.

python -m tests.benchmarks.pace [jobs a second]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import Session, col, select

from app.core import db, migrate
from app.core.jobs import QueueClass
from app.models import Job, JobStatus
from app.services import queue, queueing
from app.services.ownership import lock_analysis
from app.services.transitions import JOB_WAITING
from tests.benchmarks.people import new_actor
from tests.benchmarks.tables import postgresql
from tests.chaos import errands
from tests.chaos.world import World
from tests.conftest import forget_process

SECONDS = 20
ANALYSES = 50
TICKS = 10
"""Times a second at which some are asked for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What was measured on one database. Seconds."""

    name: str
    asked_per_second: float
    median_seconds: float
    p95_seconds: float
    longest_seconds: float


def measure(name: str, world: World, per_second: int) -> Pace:
    """Ask for short jobs at a steady pace, and look when each was started."""
    with world.database.write() as session:
        analysis_ids = [_open(session, world) for _ in range(ANALYSES)]
    asked, begun = 0, time.monotonic()
    while time.monotonic() - begun < SECONDS:
        ahead = asked / per_second - (time.monotonic() - begun)
        if ahead > 0:
            time.sleep(ahead)
        with world.database.write() as session:
            for number in range(asked, asked + per_second // TICKS):
                _ask(session, analysis_ids[number % ANALYSES], number)
        asked += per_second // TICKS
    took = time.monotonic() - begun
    world.until(lambda: not _waiting(world), "all have run", seconds=120)
    with world.database.read() as session:
        rows = session.exec(select(Job.created_at, Job.started_at).where(Job.status == JobStatus.SUCCEEDED)).all()
    waits = sorted((start - made).total_seconds() for made, start in rows if start)
    assert len(waits) == asked, f"{asked} asked for, {len(waits)} done"
    return Pace(name, asked / took, waits[len(waits) // 2], waits[int(len(waits) * 0.95)], waits[-1])


def _open(session: Session, world: World) -> str:
    """Make an analysis that stays at work: one job of it is paused."""
    analysis_id = errands.ask(session, world.actor, [{"name": "stays", "seconds": 0}])
    job = session.exec(select(Job).where(Job.analysis_id == analysis_id)).one()
    job.status = JobStatus.PAUSED
    return analysis_id


def _ask(session: Session, analysis_id: str, number: int) -> None:
    analysis = lock_analysis(session, analysis_id)
    payload: dict[str, object] = {"source": errands.SOURCE, "errand": {"name": number, "seconds": 0}}
    queueing.enqueue(
        session, analysis, kind="collect", name=f"collect:{number + 1}", payload=payload, queue=QueueClass.NOTIFY
    )
    session.flush()
    # The clock of the database: on PostgreSQL the starts are measured with it too.
    queueing.dispatch(session, analysis_id)


def _waiting(world: World) -> bool:
    with world.database.read() as session:
        busy = [*JOB_WAITING, JobStatus.RUNNING]
        return session.exec(select(Job.id).where(col(Job.status).in_(busy)).limit(1)).first() is not None


def on_both(per_second: int = 100) -> list[Pace]:
    """Measure on SQLite and on PostgreSQL, each on a stack of its own with two worker processes."""
    found = [_alone("SQLite", per_second)]
    with postgresql() as url:
        os.environ["ASTERISM_DATABASE_URL"] = url
        found.append(_alone("PostgreSQL", per_second))
    del os.environ["ASTERISM_DATABASE_URL"]
    forget_process()
    return found


def _alone(name: str, per_second: int) -> Pace:
    with tempfile.TemporaryDirectory(prefix="ast-") as folder:
        os.environ |= {
            "ASTERISM_DATA_DIR": folder,
            "ASTERISM_LOG_LEVEL": "error",
            "ASTERISM_WORKSPACE_RUNNING": "1000",
        }
        forget_process()
        migrate.upgrade(db.database())
        with World(Path(folder), new_actor(), changes={"errands": True}) as world:
            world.until(lambda: _workers(world) > 0, "a worker is there", seconds=120)
            found = measure(name, world, per_second)
        db.database().dispose()
        return found


def _workers(world: World) -> int:
    with world.database.read() as session:
        return queue.workers(session)[1]


def document(found: Sequence[Pace]) -> str:
    """Return rows of a Markdown table."""
    return "\n".join(
        f"| {one.name}: enqueue → start at {one.asked_per_second:.0f} short jobs a second, median, p95, longest | "
        f"{one.median_seconds * 1000:.0f}, {one.p95_seconds * 1000:.0f}, {one.longest_seconds * 1000:.0f} ms | "
        "p95 ≤ 1 s |"
        for one in found
    )


if __name__ == "__main__":
    for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
        del os.environ[variable]
    print(document(on_both(int(sys.argv[1]) if len(sys.argv) > 1 else 100)), datetime.now(UTC))
