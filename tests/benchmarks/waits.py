"""Is the wait that a page promises the wait that comes? Real claims on SQLite, real clocks, a load that changes.

Threads stand in for the slots of a worker: each takes the next job as a worker does, keeps it for as long as such a job
takes, and finishes it. The band is read at the moment an analysis is asked for, and compared with its actual start.

    python -m tests.benchmarks.waits
"""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from dataclasses import dataclass

from sqlmodel import col, select

from app.core import db, migrate
from app.core import jobs as wires
from app.core.db import Database, database_now
from app.models import Analysis, Job, Worker
from app.services import queue, taking
from app.services.access import Actor
from app.services.stages.work import Work
from app.services.taking import Slot
from tests.benchmarks.people import new_actor
from tests.conftest import forget_process
from tests.factories import ask

SLOTS = 2
ASKED = 200
SEED = 20261122
MEAN_SECONDS = {"collect": 0.8, "report": 0.1}


@dataclass(frozen=True, slots=True)
class Waits:
    """What was promised and what came."""

    asked: int
    inside: int
    too_early: int
    too_late: int
    median_wait: float
    longest_wait: float
    median_width: float

    @property
    def share(self) -> float:
        """The part of the starts that lay inside their bands."""
        return self.inside / self.asked


def measure() -> Waits:
    """Ask for analyses at a rate that changes, and look at when each began."""
    store, chance, actor = db.database(), random.Random(SEED), new_actor()
    stop = threading.Event()
    threads = [threading.Thread(target=_work, args=(store, number, stop), daemon=True) for number in range(SLOTS)]
    for thread in threads:
        thread.start()
    promised: dict[str, tuple[int, int]] = {}
    for number in range(ASKED + 20):
        _alive(store)
        with store.write() as session:
            analysis_id = ask(session, actor, "one").id
        with store.read() as session:
            view = queue.position(session, session.get_one(Analysis, analysis_id))
        if number >= 20:  # before that nothing is known of the durations
            promised[analysis_id] = view.wait_seconds or (0, 2)
        # Quiet, busy, crowded, quiet again: from half of what the slots can do to thrice that.
        load = (0.6, 2.0, 3.0, 0.6, 3.0, 0.6)[number * 6 // (ASKED + 20)]
        time.sleep(chance.expovariate(SLOTS * load / (MEAN_SECONDS["collect"] + MEAN_SECONDS["report"])))
    while _open(store, actor):
        _alive(store)
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    return _compared(store, promised)


def _work(store: Database, number: int, stop: threading.Event) -> None:
    chance = random.Random(SEED + number)
    slot = Slot(f"slot {number}", pool="bench")
    while not stop.is_set():
        with store.write() as session:
            taken = taking.claim_next(session, slot, lease_seconds=60)
        for held in taken:
            time.sleep(chance.expovariate(1 / MEAN_SECONDS[held.kind]))
            with Work(held, store).finish():
                pass
        if not taken:
            time.sleep(0.01)


def _alive(store: Database) -> None:
    with store.write() as session:
        row = session.get(Worker, "bench") or Worker(
            id="bench", queues=[], concurrency=SLOTS, heartbeat_at=database_now(session)
        )
        row.heartbeat_at = database_now(session)
        session.add(row)


def _open(store: Database, actor: Actor) -> bool:
    with store.read() as session:
        query = select(Analysis.id).where(
            Analysis.workspace_id == actor.workspace_id, col(Analysis.finished_at).is_(None)
        )
        return session.exec(query.limit(1)).first() is not None


def _compared(store: Database, promised: dict[str, tuple[int, int]]) -> Waits:
    with store.read() as session:
        rows = session.exec(select(Job.analysis_id, Job.created_at, Job.started_at).where(Job.kind == "collect")).all()
    waits = {one: (start - asked).total_seconds() for one, asked, start in rows if one in promised and start}
    early = sum(waits[one] < low for one, (low, _) in promised.items())
    late = sum(waits[one] > high for one, (_, high) in promised.items())
    widths = sorted(high - low for low, high in promised.values())
    ordered = sorted(waits.values())
    return Waits(
        asked=len(promised),
        inside=len(promised) - early - late,
        too_early=early,
        too_late=late,
        median_wait=ordered[len(ordered) // 2],
        longest_wait=ordered[-1],
        median_width=widths[len(widths) // 2],
    )


def alone() -> Waits:
    """Measure in a folder of its own."""
    wires.send = lambda wakeup: None  # type: ignore[assignment]  # the threads ask by themselves
    with tempfile.TemporaryDirectory(prefix="ast-") as name:
        os.environ |= {
            "ASTERISM_DATA_DIR": name,
            "ASTERISM_SANDBOX_URL": "http://127.0.0.1:9",
            "ASTERISM_LOG_LEVEL": "error",
        }
        forget_process()
        migrate.upgrade(db.database())
        found = measure()
        forget_process()
    return found


if __name__ == "__main__":
    for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
        del os.environ[variable]
    print(alone())
