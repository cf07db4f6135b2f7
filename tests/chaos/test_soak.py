"""Faults at random, from a seed that is printed, for as long as is asked: `make soak SEED=7 MINUTES=30`."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos import errands
from tests.chaos.proxy import Line
from tests.chaos.world import CLOSED, World, send_signal

pytestmark = pytest.mark.stack

SEED = os.environ.get("ASTERISM_SOAK_SEED")
MINUTES = float(os.environ.get("ASTERISM_SOAK_MINUTES", "0"))


@pytest.mark.skipif(SEED is None, reason="a soak runs when it is asked for: make soak")
def test_a_soak(make_world: Callable[..., World]):
    dice = random.Random(int(SEED or 0))
    with make_world(changes={"errands": True}, line=True, workers=2) as world:
        world.start_worker("worker-2")
        world.start_scheduler("scheduler-2")
        ids: list[str] = []
        began = time.monotonic()
        number = 0
        while time.monotonic() - began < MINUTES * 60:
            number += 1
            # Drawn before anything happens, and always the same number of draws: the seed alone decides.
            wish = [
                {"name": f"{number}/{n}", "seconds": dice.choice([0.01, 0.1, 0.5]), "steps": dice.choice([1, 4])}
                for n in range(dice.randrange(1, 20))
            ]
            fault, calm, victim = dice.choice(FAULTS), dice.uniform(0.2, 4), dice.choice(["worker", "worker-2"])
            print(f"{time.monotonic() - began:7.1f} s  {number:4}  {fault.__name__:24} {victim}", flush=True)
            with world.database.write() as session:
                ids.append(errands.ask(session, world.actor, wish, max_attempts=50))
            fault(world, victim)
            world.tally.injections += 1
            rest = time.monotonic() + calm
            while time.monotonic() < rest:
                world.tend()
                time.sleep(0.05)
        open_ones = set(ids)

        def over() -> bool:
            world.tend()
            open_ones.difference_update([one for one in open_ones if world.look(one).status in CLOSED])
            return not open_ones

        print(f"after {number} faults: all analyses end within {world.until(over, 'all end', seconds=300):.1f} s")
        world.check_invariants()
        assert all(world.look(one).status == "completed" for one in ids)


def kill_worker(world: World, victim: str) -> None:
    world.kill(victim)
    world.start_worker(victim)


def kill_main_process_only(world: World, victim: str) -> None:
    world.kill_alone(victim)
    world.start_worker(victim)


def replace_worker(world: World, victim: str) -> None:
    world.kill(victim, signal.SIGTERM)
    world.start_worker(victim)


def kill_pool_process(world: World, victim: str) -> None:
    from tests.chaos.world import children

    for child in children(world.processes[victim].pid)[:1]:
        send_signal(child, signal.SIGKILL)


def freeze_worker(world: World, victim: str) -> None:
    world.freeze(victim)
    time.sleep(4)  # past the lease
    world.thaw(victim)


def kill_scheduler(world: World, victim: str) -> None:
    world.kill("scheduler")
    world.start_scheduler()


def kill_broker(world: World, victim: str) -> None:
    world.kill("valkey")
    world.start_valkey()


def wipe_broker(world: World, victim: str) -> None:
    world.kill("valkey")
    world.wipe_valkey()
    world.start_valkey()


def flush_broker(world: World, victim: str) -> None:
    world.valkey().flushall()


def freeze_line(world: World, victim: str) -> None:
    _line(world, Line.FROZEN)


def deafen_line(world: World, victim: str) -> None:
    _line(world, Line.DEAF)


def cut_line(world: World, victim: str) -> None:
    _line(world, Line.CUT)


def _line(world: World, line: Line) -> None:
    assert world.line is not None
    world.line.set(line)
    time.sleep(3)
    world.line.set(Line.OPEN)


FAULTS = (
    kill_worker,
    kill_main_process_only,
    replace_worker,
    kill_pool_process,
    freeze_worker,
    kill_scheduler,
    kill_broker,
    wipe_broker,
    flush_broker,
    freeze_line,
    deafen_line,
    cut_line,
)
