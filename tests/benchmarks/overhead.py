"""How long a job waits between being asked for and being started, on an idle stack."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from app.models import Job
from tests.chaos.world import World

RUNS = 60


@dataclass(frozen=True, slots=True)
class Overhead:
    """Seconds."""

    median_seconds: float
    p95_seconds: float


def measure(world: World) -> Overhead:
    """Ask for small analyses one after the other; a community that is not there ends each at once."""
    waits = []
    for number in range(RUNS):
        analysis_id = world.ask(f"nothere{number}")
        world.finished(analysis_id)
        with world.database.read() as session:
            job = session.exec(select(Job).where(Job.analysis_id == analysis_id).order_by(col(Job.id))).first()
        assert job is not None
        assert job.started_at is not None
        waits.append((job.started_at - job.created_at).total_seconds())
    waits.sort()
    return Overhead(median_seconds=waits[len(waits) // 2], p95_seconds=waits[int(len(waits) * 0.95)])
