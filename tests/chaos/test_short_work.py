"""Short work, of which a process takes many jobs at once, and much work of all lengths. On both databases."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from app.models import Job, JobEvent, JobStatus
from tests.chaos import errands
from tests.chaos.world import CLOSED, World, promised, send_signal

MakeWorld = Callable[..., World]
QUEUES = ("collect", "collect", "notify")

pytestmark = [pytest.mark.stack, pytest.mark.timeout(900)]


@pytest.mark.fault("F1", "pool process killed while it holds many short jobs", smoke=True)
def test_a_process_that_holds_many_short_jobs_is_killed(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        world.kill("worker")
        with world.database.write() as session:
            ids = [
                errands.ask(
                    session, world.actor, [{"name": f"{a}/{n}", "seconds": 0.2, "queue": "notify"} for n in range(4)]
                )
                for a in range(3)
            ]
        world.start_worker()
        for _ in range(3):
            job = world.running()
            send_signal(job.process_id, 9)
            world.tally.injections += 1
            struck = time.monotonic()
            world.until(lambda dead=job.process_id: world.running().process_id != dead, "another process goes on")
            world.tally.recovered(time.monotonic() - struck)
        for analysis_id in ids:
            assert world.finished(analysis_id).status == "completed", world.report()
        world.check_invariants()
        with world.database.read() as session:
            jobs = session.exec(select(Job).where(col(Job.queue) == "notify")).all()
            effects = session.exec(select(JobEvent.job_id).where(JobEvent.kind == errands.DONE)).all()
        assert {job.status for job in jobs} == {JobStatus.SUCCEEDED}
        assert (len(effects), len(set(effects))) == (12, 12)
        assert max(job.attempts for job in jobs) <= 4, "a neighbour has paid for more than the kills that it met"


@pytest.mark.fault("F2", "1,000 jobs of mixed length over 2 workers, one of them killed every 3 s", long=True)
def test_a_thousand_jobs_with_a_kill_every_three_seconds(make_world: MakeWorld):
    dice = random.Random(4)
    with make_world(changes={"errands": True}) as world:
        world.start_worker("worker-2")
        with world.database.write() as session:
            ids = [errands.ask(session, world.actor, [_errand(dice, f"{a}/{n}") for n in range(50)]) for a in range(20)]
        began = struck = time.monotonic()
        names = ["worker", "worker-2"]
        while any(world.look(analysis_id).status not in CLOSED for analysis_id in ids):
            assert time.monotonic() - began < promised(200), world.report()
            # On a machine so busy that a worker takes longer to start, the next kill waits for the other one.
            if time.monotonic() - struck >= 3 and world.lives(names[0]):
                names.reverse()
                world.kill(names[0])
                world.start_worker(names[0])
                world.tally.injections += 1
                world.tally.recoveries += 1
                struck = time.monotonic()
            time.sleep(0.05)
        world.tally.seen["1,000 jobs"] = f"{time.monotonic() - began:.0f} s"
        world.check_invariants()
        with world.database.read() as session:
            effects = session.exec(select(JobEvent.job_id).where(JobEvent.kind == errands.DONE)).all()
        assert (len(effects), len(set(effects))) == (1000, 1000)


def _errand(dice: random.Random, name: str) -> dict[str, object]:
    return {"name": name, "seconds": dice.choice([0.005, 0.02, 0.1, 0.4]), "queue": dice.choice(QUEUES)}
