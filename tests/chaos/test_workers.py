"""Workers die, freeze, are replaced, and meet poison; nothing is lost, nothing is done twice."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import pytest
from sqlmodel import col, select

from app.core import bus
from app.core.crashpoints import CRASHPOINTS
from app.models import CostEntry, DeadLetter, Job, JobEvent, ModelAnswer, Reservation
from tests.chaos import errands
from tests.chaos.world import LEASE_SECONDS, SWEEP_SECONDS, World, process_tree_memory, promised

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

COMMUNITY = "productivity"
PRICE = 1_000
"""Micro-USD for a request, so that a wrong line in the ledger is wrong in money too."""
LEASE_AND_SWEEP = LEASE_SECONDS + SWEEP_SECONDS + 1.5
"""Seconds; the last part is for a message to reach a process on a busy machine."""

MakeWorld = Callable[..., World]


def is_whole(world: World, analysis_id: str, *, seconds: float = 60) -> None:
    assert world.finished(analysis_id, seconds=seconds).status == "completed", world.report()
    world.check_invariants()


def jobs_of(world: World, *statuses: str) -> list[Job]:
    with world.database.read() as session:
        return list(session.exec(select(Job).where(col(Job.status).in_(statuses))))


@pytest.mark.fault("F1", "pool process killed in the middle of a page", smoke=True)
def test_a_pool_process_killed_while_it_collects(make_world: MakeWorld):
    with make_world(changes={"price": PRICE}) as world:
        world.sandbox.control.set_latency(0.05, "reddit")
        analysis_id = world.ask(COMMUNITY)
        assert world.taken_up(world.kill_running_child("collect", done=1)) <= promised(3)
        is_whole(world, analysis_id)


@pytest.mark.fault("F1", "pool process killed at each stage of an analysis")
def test_a_pool_process_killed_in_every_stage(make_world: MakeWorld):
    with make_world() as world:
        world.sandbox.control.set_latency(0.03, "reddit")
        analysis_id = world.ask(COMMUNITY)
        for kind in ("collect", "clean", "score", "cluster", "synthesise"):
            world.taken_up(world.kill_running_child(kind))
        is_whole(world, analysis_id)
        assert world.tally.worst_seconds <= promised(3)


@pytest.mark.fault("F2", "whole worker killed; another one goes on, the host's own look tells", smoke=True)
def test_a_whole_worker_killed_on_this_host(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        world.start_worker("worker-2")
        world.ready("worker", "worker-2")
        with world.database.write() as session:
            analysis_id = errands.ask(session, world.actor, [{"name": n, "seconds": 2, "steps": 20} for n in range(4)])
        job = world.running("collect", done=1)
        name = next(name for name in ("worker", "worker-2") if job.process_id in _tree(world, name))
        world.kill(name)
        world.tally.injections += 1
        world.taken_up(job)
        assert world.tally.worst_seconds <= promised(5)
        is_whole(world, analysis_id)


@pytest.mark.fault("F2", "whole worker killed on another host; only its silence tells")
def test_a_whole_worker_killed_on_another_host(make_world: MakeWorld):
    _lost_host(make_world, lease=LEASE_SECONDS, sweep=SWEEP_SECONDS, within=5)


@pytest.mark.fault("F2", "whole worker killed on another host, with the lease and sweep of production", long=True)
def test_a_whole_worker_killed_on_another_host_with_the_lease_of_production(make_world: MakeWorld):
    _lost_host(make_world, lease=60, sweep=5, within=75)


def _lost_host(make_world: MakeWorld, *, lease: float, sweep: float, within: float) -> None:
    environment = {"ASTERISM_LEASE_SECONDS": str(lease), "ASTERISM_SWEEP_SECONDS": str(sweep)}
    with make_world(changes={"errands": True, "host": "elsewhere"}, environment=environment) as world:
        with world.database.write() as session:
            analysis_id = errands.ask(session, world.actor, [{"name": n, "seconds": 9, "steps": 90} for n in range(2)])
        world.running("collect", done=1)
        world.start_worker("worker-2")
        world.ready("worker-2")
        job = world.running("collect", done=2)
        world.kill("worker")
        world.tally.injections += 1
        assert world.taken_up(job, seconds=within + 30) <= promised(within)
        is_whole(world, analysis_id)


@pytest.mark.fault("F2", "worker frozen past its lease, then woken: its late work is refused")
def test_a_frozen_worker_wakes_up_as_a_late_twin(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        with world.database.write() as session:
            analysis_id = errands.ask(session, world.actor, [{"name": n, "seconds": 1.5, "steps": 3} for n in range(2)])
        job = world.running("collect")
        world.freeze_between_writes("worker")
        world.tally.injections += 1
        world.start_worker("worker-3")
        assert world.taken_up(job) <= promised(LEASE_AND_SWEEP)
        world.thaw("worker")
        log = world.folder / "worker.log"
        world.until(lambda: "job.lost" in log.read_text(), "the late twin stands down")
        is_whole(world, analysis_id)


@pytest.mark.fault("F3", "killed between the reservation, the call and its line in the ledger", smoke=True)
def test_killed_around_a_paid_call(make_world: MakeWorld):
    points = ("collect.reserved", "collect.answered", "ledger.settling")
    with make_world(changes={"price": PRICE}) as world:
        world.kill("worker")
        world.start_worker(crash=",".join(points))
        analysis_id = world.ask(COMMUNITY)
        is_whole(world, analysis_id)
        world.tally.injections += len(points)
        world.tally.recoveries += len(_died(world))
        assert _died(world) == {f"{point}.0" for point in points}
        with world.database.read() as session:
            unknown = session.exec(select(Reservation).where(Reservation.status == "unknown")).all()
            lines = session.exec(select(CostEntry)).all()
        assert len(unknown) == len(points), "each call that nobody can tell of counts as made"
        assert {line.unit_price_micros_per_million for line in lines} == {PRICE * 1_000_000}


@pytest.mark.fault("F3", "killed before, after and between calls to a language model")
def test_killed_around_calls_to_a_model(make_world: MakeWorld):
    points = ("model.reserved", "model.answered", "model.kept")
    with make_world() as world:
        world.kill("worker")
        world.start_worker(crash=",".join(points))
        analysis_id = world.ask("selfhosted", engine="model", max_cost_micros=5_000_000)
        is_whole(world, analysis_id, seconds=90)
        assert _died(world) == {f"{point}.0" for point in points}
        world.tally.injections = world.tally.recoveries = len(points)
        with world.database.read() as session:
            answers = session.exec(select(ModelAnswer)).all()
            unknown = session.exec(select(Reservation).where(Reservation.status == "unknown")).all()
        made = sum(1 for line in world.sandbox.log.entries() if line["remote"] == "openai" and line["method"] == "POST")
        world.tally.seen["calls, answers kept"] = f"{made}, {len(answers)}"
        assert {(row.fence, row.ordinal // 3) for row in unknown}, "what nobody can tell of counts as spent"
        assert len({row.fence for row in unknown}) == 2, "killed before the call, and before its answer was kept"
        assert made >= len(answers) + 1, "one answer was lost with its worker, and asked for again"


@pytest.mark.fault("F3", "killed in the middle of paid calls, twenty times, near the cap")
def test_killed_in_the_middle_of_paid_calls_until_the_cap(make_world: MakeWorld):
    cap = 60 * PRICE
    with make_world(changes={"price": PRICE}) as world:
        world.sandbox.control.set_latency(0.15, "reddit")
        analysis_id = world.ask("selfhosted", max_cost_micros=cap)
        for _ in range(20):
            world.until(lambda: bool(jobs_of(world, "running")) or world.look(analysis_id).status in ENDED, "it runs")
            if world.look(analysis_id).status in ENDED:
                break
            world.kill_running_child()
        analysis = world.finished(analysis_id, seconds=90)
        world.tally.recoveries = world.tally.injections
        world.tally.seen["spent of the cap"] = f"{analysis.spent_micros / cap:.0%}"
        world.check_invariants()
        made = sum(1 for line in world.sandbox.log.entries() if line["remote"] == "reddit")
        assert made * PRICE <= analysis.spent_micros <= cap


PLACES = (
    ("job.claimed", "database.committed", "wake.sending"),
    ("collect.reserved", "collect.answered", "ledger.settling"),
    ("collect.committed", "work.committing", "heartbeat.extending"),
    ("finish.committing", "finish.committed", "wake.sent", "bus.publishing"),
)


@pytest.mark.fault("F12", "worker killed at each named place of its way", long=True)
def test_killed_at_every_place_of_a_worker(make_world: MakeWorld):
    with make_world(changes={"price": PRICE}) as world:
        world.sandbox.control.set_latency(0.2, "reddit")  # so long that a lease has to be extended
        for places in PLACES:
            world.kill("worker")
            world.start_worker(crash=",".join(places))
            assert world.finished(world.ask(COMMUNITY)).status == "completed", world.report()
        world.check_invariants()
        died = {name.rpartition(".")[0] for name in _died(world)}
        assert died == {place for places in PLACES for place in places}
        world.tally.injections = world.tally.recoveries = len(died)


@pytest.mark.fault("F36", "scheduler killed at each named place of its way, while workers die")
def test_killed_at_every_place_of_a_scheduler(make_world: MakeWorld):
    places = [name for name in CRASHPOINTS if name.startswith(("sche", "sweep"))]
    with make_world(changes={"errands": True}) as world:
        crash = ",".join(places)
        world.kill("scheduler")
        world.kill("worker")
        with world.database.write() as session:
            analysis_id = errands.ask(session, world.actor, [{"name": n, "seconds": 1, "steps": 10} for n in range(6)])
        bus.courier().settle(5)
        world.valkey().flushall()  # while nothing runs: a worker that ends a job would wake the next one itself
        world.start_scheduler(crash=crash)
        world.start_worker()
        world.until(lambda: world.tend(crash) >= 0 and bool(jobs_of(world, "running")), "what was lost is sent again")
        world.taken_up_while_tended(world.kill_running_child("collect", done=1), crash=crash)
        world.taken_up_while_tended(world.kill_running_child("collect", done=1), crash=crash)
        world.until(lambda: world.tend(crash) >= 0 and len(_died(world)) == len(places), "it dies at each")
        world.until(lambda: world.tend() >= 0 and world.look(analysis_id).status in ENDED, "it ends", seconds=60)
        is_whole(world, analysis_id)
        world.tally.injections += len(places)
        world.tally.recoveries += len(places)


@pytest.mark.fault("F12", "killed with a transaction open; the next writer goes at once")
def test_killed_with_a_transaction_open(make_world: MakeWorld):
    with make_world() as world:
        world.kill("worker")
        world.start_worker(crash="work.committing,finish.committing")
        analysis_id = world.ask(COMMUNITY)
        world.until(lambda: bool(_died(world)), "it dies in a transaction")
        started = time.monotonic()
        with world.database.write() as session:
            session.get_one(Job, jobs_of(world, "running", "retrying", "queued", "succeeded")[0].id)
        world.tally.recovered(time.monotonic() - started)
        assert world.tally.worst_seconds < 1
        is_whole(world, analysis_id)
        world.tally.injections, world.tally.recoveries = 2, len(_died(world))


@pytest.mark.fault("F30", "workers replaced with TERM under load, old and new versions side by side", long=True)
def test_deploys_under_load(make_world: MakeWorld):
    with make_world(changes={"errands": True, "payload_version": 1}) as world:
        ids = []
        with world.database.write() as session:
            ids += [
                errands.ask(session, world.actor, [{"name": n, "seconds": 0.3, "steps": 3} for n in range(16)])
                for _ in range(3)
            ]
        for number in range(4):
            world.running("collect")
            version = 2 if number % 2 == 0 else 1
            world.start_worker(f"worker-{number}", payload_version=version)
            old = "worker" if number == 0 else f"worker-{number - 1}"
            began = time.monotonic()
            world.kill(old, signal.SIGTERM, seconds=30)
            world.tally.injections += 1
            world.tally.recovered(time.monotonic() - began)
        world.start_worker("worker-new", payload_version=2)
        for analysis_id in ids:
            is_done = world.finished(analysis_id, seconds=90).status
            assert is_done == "completed", world.report()
        world.check_invariants()
        with world.database.read() as session:
            told = session.exec(select(JobEvent.kind).where(col(JobEvent.kind).in_(["job.dead", "job.retrying"]))).all()
        assert not told, "a deploy costs no attempt"


@pytest.mark.fault("F30", "a job of a newer version waits for a worker that knows it")
def test_a_job_of_a_newer_version_waits_for_a_worker_that_knows_it(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        with world.database.write() as session:
            analysis_id = errands.ask(session, world.actor, [{"name": n, "seconds": 0.1} for n in range(3)])
            for job in session.exec(select(Job).where(Job.analysis_id == analysis_id)):
                job.payload_version = 2 if job.payload["errand"]["name"] < 2 else 1
        world.until(lambda: len(jobs_of(world, "succeeded")) == 1, "the old worker does what it knows")
        world.tally.injections += 2
        assert {job.fence for job in jobs_of(world, "queued")} == {0}, "and leaves what it does not"
        began = time.monotonic()
        world.start_worker("worker-new", payload_version=2)
        is_whole(world, analysis_id)
        for _ in range(2):
            world.tally.recovered(time.monotonic() - began)


@pytest.mark.fault("F32", "a job that kills its worker, and one that always fails, among neighbours", smoke=True)
def test_poison_stops_after_its_attempts_and_its_neighbours_never_notice(make_world: MakeWorld):
    poison = [{"name": "killer", "seconds": 0.05, "how": "kill"}, {"name": "bug", "seconds": 0.05, "how": "raise"}]
    healthy = [{"name": n, "seconds": 0.1} for n in range(8)]
    with make_world(changes={"errands": True}) as world:
        with world.database.write() as session:
            sick = errands.ask(session, world.actor, poison, max_attempts=3)
            neighbour = errands.ask(session, world.actor, healthy)
        assert world.finished(neighbour).status == "completed"
        assert world.finished(sick).status == "failed"
        world.tally.injections = world.tally.recoveries = 6
        world.check_invariants()
        with world.database.read() as session:
            reasons = {letter.reason: letter.attempts for letter in session.exec(select(DeadLetter))}
            disturbed = session.exec(
                select(Job).where(Job.analysis_id == neighbour, col(Job.fence) > 1, Job.kind == "collect")
            ).all()
        assert reasons == {
            "Its worker was lost in attempt 3 of 3, so it is not tried again.": 3,
            "An error of ours stopped this step (ValueError).": 3,
        }
        assert not disturbed, "a neighbour was run twice"


ENDED = {"completed", "partial", "failed", "cancelled"}


def _died(world: World) -> set[str]:
    return {path.name for path in (world.folder / "crashpoints").glob("*")}


def _tree(world: World, name: str) -> list[int]:
    return list(process_tree_memory(world.processes[name].pid))
