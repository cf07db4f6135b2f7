"""Kill -9 any process, or the whole: what was killed comes back, nothing is left over, the next start works."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stack import Program, parent_of, program, until

pytestmark = [
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(600 + 60 * int(os.environ.get("ASTERISM_TEST_KILL_ROUNDS", "1"))),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc"),
]

KINDS = ("broker", "sandbox", "worker", "scheduler", "web")
ROUNDS = int(os.environ.get("ASTERISM_TEST_KILL_ROUNDS", "1"))
"""`make kill-rounds` does 50."""


@pytest.fixture
def stopped(request: pytest.FixtureRequest) -> Iterator[Program]:
    with program(Path(request.config.cache.mkdir("asterism-pages"))) as found:
        yield found


def test_each_part_comes_back_and_after_the_whole_the_next_start_works(stopped: Program) -> None:
    chance = random.Random(ROUNDS)
    slowest = {"part": 0.0, "whole": 0.0, "start": 0.0}
    for number in range(ROUNDS):
        slowest["start"] = max(slowest["start"], stopped.start())
        kinds = KINDS if ROUNDS == 1 else (KINDS[number % len(KINDS)],)
        for kind in kinds:
            slowest["part"] = max(slowest["part"], kill_part(stopped, kind))
        if number % 3 == 0:
            kill_a_grandchild(stopped)
        if number % 5 == 0:
            until(lambda: unwell(stopped) == [], 30, lambda: f"not well: {unwell(stopped)}\n{stopped.told()}")
        slowest["whole"] = max(slowest["whole"], kill_whole(stopped))
        if chance.random() < 0.5 or ROUNDS == 1:
            spoil_the_brokers_file(stopped)
        print(f"round {number + 1} of {ROUNDS}; slowest in seconds: {slowest}", flush=True)
    slowest["start"] = max(slowest["start"], stopped.start())
    until(lambda: unwell(stopped) == [], 30, lambda: f"not well: {unwell(stopped)}\n{stopped.told()}")
    assert stopped.interrupt() < 10


def kill_part(running: Program, kind: str) -> float:
    """Kill the process of a part; return how long it took until another was in its place."""
    until(lambda: running.top(kind), 30, lambda: f"{kind} does not run\n{running.told()}")
    killed = running.top(kind)
    assert killed is not None
    old = running.find(kind)
    os.kill(killed, signal.SIGKILL)
    took = until(lambda: running.top(kind) not in {None, killed}, 45, lambda: f"{kind} stayed away\n{running.told()}")
    until(lambda: not old & running.find(kind), 5, f"{kind} left processes behind")
    if kind == "web":
        took += until(running.answers, 60, lambda: f"web does not answer\n{running.told()}")
    return took


def kill_a_grandchild(running: Program) -> None:
    """Kill a process of the worker's pool: the pool is whole again soon."""

    def pool() -> set[int]:
        return {found for found in running.find("worker") if parent_of(found) == running.top("worker")}

    until(pool, 45, lambda: f"the worker has no pool\n{running.told()}")
    killed = next(iter(pool()))
    os.kill(killed, signal.SIGKILL)
    until(lambda: killed not in pool() and pool(), 45, lambda: f"the pool did not recover\n{running.told()}")


def kill_whole(running: Program) -> float:
    """Kill the supervisor; return how long it took until nothing was left."""
    assert running.process is not None
    running.process.kill()
    running.process.wait()
    return until(lambda: not running.processes(), 10, lambda: f"left over: {running.processes()}")


def spoil_the_brokers_file(stopped_program: Program) -> None:
    """Write nonsense at the end of the broker's file, as a torn disk block would."""
    for file in (stopped_program.folder / "valkey" / "appendonlydir").glob("*.aof"):
        with file.open("ab") as end:
            end.write(b"\x00\xffnonsense" * 50)


def unwell(running: Program) -> list[str]:
    """Return the parts that do not work."""
    health = running.health()
    return [name for name in ("broker", "database", "workers", "scheduler", "sandbox", "web") if health[name] != "ok"]
