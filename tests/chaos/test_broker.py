"""The broker dies, forgets, freezes, fills up; the database knows all, so nothing is lost."""

from __future__ import annotations

import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
import redis
from sqlmodel import col, func, select

from app.cli.supervisor import valkey as embedded
from app.core.jobs import RUN_JOB, QueueClass, client
from app.core.settings import settings
from app.models import Job, Role
from app.services import keys
from tests.chaos import errands
from tests.chaos.proxy import Line
from tests.chaos.world import World, promised

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

MakeWorld = Callable[..., World]


def ask(world: World, count: int, *, seconds: float = 0.2, analyses: int = 1) -> list[str]:
    with world.database.write() as session:
        return [
            errands.ask(session, world.actor, [{"name": f"{a}/{n}", "seconds": seconds} for n in range(count)])
            for a in range(analyses)
        ]


def whole(world: World, ids: list[str], *, seconds: float = 60) -> None:
    for analysis_id in ids:
        assert world.finished(analysis_id, seconds=seconds).status == "completed", world.report()
    world.check_invariants()


def tended(world: World, ids: list[str]) -> None:
    """Start again what ends, as a supervisor does, until all is done."""

    def over() -> bool:
        return world.tend() >= 0 and all(world.look(one).status == "completed" for one in ids)

    world.until(over, "all is done", seconds=60)


def claims(world: World) -> int:
    with world.database.read() as session:
        return int(session.exec(select(func.coalesce(func.sum(Job.fence), 0))).one())


def goes_on(world: World, *, since: float, seconds: float = 30) -> float:
    """Wait until a job is taken that was not taken before; returns the seconds since the fault ended."""
    before = claims(world)
    world.until(lambda: claims(world) > before, "a job is taken", seconds=seconds)
    return world.tally.recovered(time.monotonic() - since)


@pytest.mark.fault("F6", "broker killed and started again with its file")
def test_the_broker_dies_and_comes_back(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        ids = ask(world, 12, analyses=4)
        world.running("collect")
        for _ in range(2):
            world.kill("valkey")
            world.tally.injections += 1
            world.start_valkey()
            assert goes_on(world, since=time.monotonic()) <= promised(10)
        whole(world, ids)


@pytest.mark.fault("F7", "broker killed and wiped with due jobs in it", smoke=True)
def test_the_broker_loses_everything(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        world.start_worker("worker-2", queues=("notify",))  # one that lives and takes none of these jobs
        world.ready("worker-2")
        world.kill("worker")
        ids = ask(world, 6, seconds=0.05, analyses=5)
        world.until(lambda: _messages(world) >= 20, "each analysis has its share in the broker")
        world.kill("valkey")
        world.wipe_valkey()
        world.tally.injections += 1
        world.start_valkey()
        began = time.monotonic()
        world.until(lambda: _messages(world) >= 20, "all that was due is sent again")
        assert world.tally.recovered(time.monotonic() - began) <= promised(10)
        world.start_worker()
        whole(world, ids)


@pytest.mark.fault("F7", "broker flushed while workers run")
def test_the_broker_is_flushed(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        ids = ask(world, 10, analyses=3)
        for _ in range(3):
            world.running("collect")
            world.valkey().flushall()
            world.tally.injections += 1
            goes_on(world, since=time.monotonic())
        whole(world, ids)
        assert world.tally.worst_seconds <= promised(10)


@pytest.mark.fault(
    "F8", "broker frozen for 30 s; pages and API answer, asked-for work is kept and runs after", long=True
)
def test_the_broker_freezes_and_the_web_does_not(make_world: MakeWorld):
    with make_world(changes={"errands": False}) as world:
        url = world.start_web()
        with world.database.write() as session:
            secret = keys.create(session, world.actor, "chaos", role=Role.EDITOR).secret
        body = {"sources": [{"provider": "reddit", "query": {"subreddit": "productivity"}}], "question": "Frozen?"}
        asked, seconds = [], []
        with httpx.Client(
            base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {secret}"}, trust_env=False, timeout=30
        ) as http:

            def call(method: str, path: str, **values: object) -> httpx.Response:
                began = time.monotonic()
                answer = http.request(method, path, **values)
                seconds.append(time.monotonic() - began)
                assert answer.status_code in {200, 201}, answer.text
                return answer

            asked.append(call("POST", "/analyses", json=body).json()["id"])
            seconds.clear()
            world.freeze("valkey")
            world.tally.injections += 1
            frozen = time.monotonic()
            while time.monotonic() - frozen < 30:
                if len(seconds) % 50 == 0:
                    asked.append(
                        call("POST", "/analyses", json=body | {"question": f"Frozen {len(seconds)}?"}).json()["id"]
                    )
                else:
                    call("GET", "/analyses" if len(seconds) % 2 else f"/analyses/{asked[0]}")
                time.sleep(max(0.0, 0.08 - seconds[-1]))
            world.thaw("valkey")
            thawed = time.monotonic()
        ordered = sorted(seconds)
        slowest = ordered[int(len(ordered) * 0.99)]
        world.tally.seen["web p50, p99, longest"] = (
            f"{statistics.median(ordered) * 1000:.0f}, {slowest * 1000:.0f}, {ordered[-1] * 1000:.0f} ms"
        )
        world.tally.seen["requests while frozen"] = str(len(ordered))
        assert slowest < promised(1.0), world.tally.seen
        world.until(lambda: world.look(asked[-1]).started_at is not None, "the last one is taken up", seconds=30)
        world.tally.recovered(time.monotonic() - thawed)
        whole(world, asked, seconds=90)


@pytest.mark.parametrize("line", [Line.FROZEN, Line.DEAF, Line.CUT])
@pytest.mark.fault("F8", "line to the broker frozen, half-open or cut for 8 s")
def test_the_line_to_the_broker_breaks(make_world: MakeWorld, line: Line):
    with make_world(changes={"errands": True}, line=True) as world:
        assert world.line is not None
        ids = ask(world, 10, analyses=4)
        world.running("collect")
        world.line.set(line)
        world.tally.injections += 1
        assert _stays_for(8, lambda: world.processes["worker"].poll() is None), "the worker lives on"
        world.line.set(Line.OPEN)
        goes_on(world, since=time.monotonic())
        assert world.tally.worst_seconds <= promised(10)
        whole(world, ids)


@pytest.mark.fault("F8", "line to the broker slow by 200 ms each way")
def test_the_line_to_the_broker_is_slow(make_world: MakeWorld):
    with make_world(changes={"errands": True}, line=True) as world:
        assert world.line is not None
        world.line.set(Line.OPEN, delay=0.2)
        world.tally.injections += 1
        began = time.monotonic()
        ids = ask(world, 4, analyses=2)
        goes_on(world, since=began)
        whole(world, ids)


@pytest.mark.fault("F9", "broker out of memory; whatever it does to workers, they are started again")
def test_the_broker_is_out_of_memory(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        ids = ask(world, 10, analyses=4)
        world.running("collect")
        world.valkey().config_set("maxmemory", 1)
        world.tally.injections += 1
        full = time.monotonic()
        restarts = 0
        while time.monotonic() - full < 4:
            restarts += world.tend()
            time.sleep(0.05)
        world.valkey().config_set("maxmemory", 0)
        began, before = time.monotonic(), claims(world)
        world.until(lambda: world.tend() >= 0 and claims(world) > before, "it goes on", seconds=30)
        world.tally.recovered(time.monotonic() - began)
        world.tally.seen["workers started again"] = str(restarts)
        world.until(
            lambda: world.tend() >= 0 and all(world.look(one).status == "completed" for one in ids), "ends", seconds=60
        )
        whole(world, ids)


@pytest.mark.fault("F10", "embedded broker left behind by a killed supervisor")
def test_an_orphaned_broker_is_replaced_and_its_data_kept(data_folder, tally):
    embedded.prepare(data_folder)
    orphan = subprocess.Popen(embedded.command(data_folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: embedded.answers(data_folder))
        path = str(embedded.socket_path(data_folder))
        with redis.Redis(unix_socket_path=path) as first:
            first.set("kept", "yes")
            first.execute_command("WAITAOF", 1, 0, 2000)
        tally.injections += 1
        began = time.monotonic()
        embedded.prepare(data_folder)
        assert orphan.wait(10) is not None, "it was asked to end"
        second = subprocess.Popen(embedded.command(data_folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _until(lambda: embedded.answers(data_folder))
            tally.recovered(time.monotonic() - began)
            with redis.Redis(unix_socket_path=path, decode_responses=True) as client_:
                assert client_.get("kept") == "yes"
        finally:
            second.kill()
            second.wait(10)
    finally:
        orphan.kill()
        orphan.wait(10)


@pytest.mark.fault("F13", "disk of the broker's file full")
def test_the_brokers_disk_is_full(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        ids = ask(world, 10, analyses=3)
        world.running("collect")
        with _no_more_bytes(world.processes["valkey"].pid):
            world.tally.injections += 1
            world.until(lambda: _refuses(world), "the broker refuses to write", seconds=20)
            full = time.monotonic()
            while time.monotonic() - full < 3:
                world.tend()
                time.sleep(0.05)
            assert world.valkey().exists("asterism:nothing") == 0, "it can still be read"
        began, before = time.monotonic(), claims(world)
        if all(world.look(one).status == "completed" for one in ids):
            ids += ask(world, 2)
        world.until(lambda: world.tend() >= 0 and claims(world) > before, "it goes on", seconds=30)
        world.tally.recovered(time.monotonic() - began)
        world.until(
            lambda: world.tend() >= 0 and all(world.look(one).status == "completed" for one in ids), "ends", seconds=60
        )
        whole(world, ids)


@pytest.mark.fault("F2", "the same message delivered five times, in any order, also for jobs long done")
def test_messages_come_twice_and_late(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        ids = ask(world, 12, seconds=0.05)
        app = client(settings())
        for _ in range(5):
            for identifier in reversed(_ids(world)):
                app.send_task(RUN_JOB, args=(identifier,), queue=QueueClass.COLLECT.value)
                world.tally.injections += 1
        app.send_task(RUN_JOB, args=("nonsense",), queue=QueueClass.COLLECT.value)
        whole(world, ids)
        world.until(lambda: _messages(world) == 0, "all messages are read")
        world.check_invariants()
        world.tally.recoveries = world.tally.injections


def _ids(world: World) -> list[str]:
    with world.database.read() as session:
        return list(session.exec(select(Job.id).order_by(col(Job.id))))


def _messages(world: World) -> int:
    """Count what waits in the broker."""
    with world.valkey() as one:
        return sum(int(one.llen(name)) for name in one.keys("asterism:celery:*") if one.type(name) == b"list")


def _refuses(world: World) -> bool:
    with world.valkey() as one:
        try:
            one.set("probe", "x" * 100_000)
        except redis.ResponseError as error:
            return "MISCONF" in str(error)
        except redis.RedisError:
            return False
    return False


@contextmanager
def _no_more_bytes(process_id: int) -> Iterator[None]:
    """Refuse a process every longer file, as a full disk does."""
    before = resource.prlimit(process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(process_id, resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        yield
    finally:
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, before)


def _stays_for(seconds: float, condition: Callable[[], bool]) -> bool:
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if not condition():
            return False
        time.sleep(0.05)
    return True


def _until(condition: Callable[[], bool], seconds: float = 15) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds
        time.sleep(0.02)
