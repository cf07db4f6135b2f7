"""A small analysis asked for while one of 100,000 items is being worked on: when it starts, and when it is done.

python -m tests.benchmarks.small_behind_big [items]
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import col, select

from app.core import db, migrate
from app.core.db import database_now
from app.models import Analysis, Item, Job, Stage
from app.services import analyses, queue, steering
from app.services.steering import Steer
from tests.benchmarks.people import new_actor
from tests.chaos.world import World
from tests.conftest import forget_process
from tests.factories import ask, item

COMMUNITY = "androidapps"
SMALL = 200
ROWS = 5000


@dataclass(frozen=True, slots=True)
class Behind:
    """Seconds."""

    big_items: int
    alone_seconds: float
    start_seconds: float
    behind_seconds: float
    big_was_running: bool


def measure(world: World, big_items: int) -> Behind:
    """Run the small one alone, then behind the big one."""
    alone = _timed(world)[1]
    big = _begin_big(world, big_items)
    world.until(lambda: _worked_on(world, big) >= 1, "the big one is being worked on", seconds=120)
    start, behind = _timed(world)
    running = world.look(big).finished_at is None
    with world.database.write() as session:
        if running:
            analyses.cancel(session, world.actor, big)
    return Behind(big_items, alone, start, behind, running)


def _timed(world: World) -> tuple[float, float]:
    analysis_id = world.ask(COMMUNITY, max_items=SMALL)
    analysis = world.finished(analysis_id, seconds=180)
    with world.database.read() as session:
        first = session.exec(select(Job.started_at).where(Job.analysis_id == analysis_id).order_by(col(Job.id))).first()
    assert first is not None
    assert analysis.finished_at is not None
    return (first - analysis.created_at).total_seconds(), (analysis.finished_at - analysis.created_at).total_seconds()


def _begin_big(world: World, items: int) -> str:
    """Store an analysis whose items are there, and let the workers go on with it."""
    with world.database.write() as session:
        analysis = ask(session, world.actor, "enormous")
        analysis_id = analysis.id
        job = session.exec(select(Job).where(Job.analysis_id == analysis_id)).one()
        steering.steer(session, world.actor, job.id, Steer.PAUSE)
        analysis.started_at = database_now(session)
    for start in range(0, items, ROWS):
        rows = [item(analysis, number, job_id=job.id).model_dump() for number in range(start, min(items, start + ROWS))]
        with world.database.write() as session:
            session.connection().execute(insert(Item), rows)
    with world.database.write() as session:
        stored = session.get_one(Analysis, analysis_id)
        steering.steer(session, world.actor, job.id, Steer.CANCEL)
        assert Stage(stored.stage) is Stage.CLEAN, "its one source is cancelled, so it goes on with what is there"
    return analysis_id


def _worked_on(world: World, analysis_id: str) -> int:
    with world.database.read() as session:
        return len(
            session.exec(
                select(Job.id).where(Job.analysis_id == analysis_id, Job.kind == "clean", col(Job.done) > 0)
            ).all()
        )


def alone(big_items: int) -> Behind:
    """Measure on a stack of its own."""
    with tempfile.TemporaryDirectory(prefix="ast-") as name:
        os.environ |= {"ASTERISM_DATA_DIR": name, "ASTERISM_LOG_LEVEL": "error"}
        forget_process()
        migrate.upgrade(db.database())
        with World(Path(name), new_actor()) as world:
            world.until(lambda: _workers(world) > 0, "a worker is there", seconds=120)
            world.finished(world.ask(COMMUNITY, max_items=SMALL), seconds=180)  # warm
            return measure(world, big_items)


def _workers(world: World) -> int:
    with world.database.read() as session:
        return queue.workers(session)[1]


if __name__ == "__main__":
    for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
        del os.environ[variable]
    print(alone(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
