"""How long another process waits to write while an operator moves thousands of jobs at once, on SQLite.

python -m tests.benchmarks.bulk [jobs] [seconds of pause …]
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace

from app.core import db, migrate
from app.core.db import Database
from app.models import Job, OperatorRole, Schedule
from app.services import operations_bulk
from app.services.access import Actor
from app.services.steering import Steer
from tests import factories
from tests.benchmarks.people import new_actor
from tests.conftest import forget_process

JOBS = 5_000
ANALYSES = 100
EVERY_SECONDS = 0.02
PAUSES = (0.0, 0.01, 0.02, 0.05, 0.1)


def write_until_ended(url: str) -> None:
    """Write one row every 20 ms until standard input closes; print the wait of each in seconds."""
    database = Database(url)
    os.set_blocking(sys.stdin.fileno(), False)
    while sys.stdin.buffer.read(1) != b"":
        started = time.monotonic()
        with database.write() as session:
            row = session.get(Schedule, "bench")
            assert row is not None
            row.every_seconds += 1
            session.add(row)
        print(time.monotonic() - started, flush=True)
        time.sleep(EVERY_SECONDS)


def measure(count: int, pause: float) -> tuple[float, list[float]]:
    """Pause so many jobs; return how long that took and what the other process waited, sorted. Seconds."""
    with tempfile.TemporaryDirectory(prefix="ast-bulk-") as folder:
        os.environ["ASTERISM_DATA_DIR"] = folder
        os.environ["ASTERISM_SANDBOX_URL"] = "http://127.0.0.1:9"  # named, so that requests are accepted
        forget_process()
        database = db.database()
        migrate.upgrade(database)
        operator = _fill(database, count)
        operations_bulk.PAUSE_SECONDS = pause
        with subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.bulk", "write", database.url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as other:
            assert other.stdout is not None
            other.stdout.readline()  # it has begun
            started = time.monotonic()
            done = operations_bulk.steer_matching(database, operator, move=Steer.PAUSE).done
            took = time.monotonic() - started
            waits, _ = other.communicate()
        assert done == count, f"{done} of {count} were moved"
        forget_process()
    return took, sorted(float(line) for line in waits.split())


def _fill(database: Database, count: int) -> Actor:
    owner = new_actor()
    with database.write() as session:
        analyses = [factories.ask(session, owner) for _ in range(ANALYSES)]
        session.add(Schedule(name="bench", every_seconds=1, due_at=db.database_now(session)))
        session.flush()
        for number in range(count - ANALYSES):
            analysis = analyses[number % ANALYSES]
            job = Job(
                workspace_id=owner.workspace_id,
                analysis_id=analysis.id,
                kind="collect",
                queue="collect",
                dedupe_key=f"bulk:{number}",
                payload={},
                run_after=db.database_now(session),
            )
            session.add(job)
    return replace(owner, operator=OperatorRole.STEER)


def main(arguments: Sequence[str]) -> None:
    """Measure each pause."""
    if arguments[:1] == ["write"]:
        write_until_ended(arguments[1])
        return
    count = int(arguments[0]) if arguments else JOBS
    for pause in [float(one) for one in arguments[1:]] or PAUSES:
        took, waits = measure(count, pause)
        median, p95 = waits[len(waits) // 2], waits[int(len(waits) * 0.95)]
        print(
            f"pause {pause * 1000:g} ms: {count:,} jobs in {took:.0f} s; "
            f"{len(waits)} writes waited {median:.3f}, {p95:.3f}, {waits[-1]:.3f} s (median, p95, longest)"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
