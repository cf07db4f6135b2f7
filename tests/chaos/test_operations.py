"""Clocks, double clicks, deploys, caps, and parts of the program that are not there."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from sqlmodel import col, func, select

from app.core.db import Database
from app.core.settings import settings
from app.models import Analysis, Job, JobEvent, Role
from app.services import analyses, keys
from app.services.access import Actor
from tests.chaos import errands
from tests.chaos.chronicle import Tally
from tests.chaos.world import CLOSED, World, promised
from tests.conftest import _owner
from tests.factories import wanted

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

MakeWorld = Callable[..., World]
COMMUNITY = "productivity"


def whole(world: World, *ids: str, seconds: float = 60) -> None:
    for analysis_id in ids:
        assert world.finished(analysis_id, seconds=seconds).status == "completed", world.report()
    world.check_invariants()


def http(world: World, url: str) -> httpx.Client:
    with world.database.write() as session:
        secret = keys.create(session, world.actor, "chaos", role=Role.EDITOR).secret
    return httpx.Client(
        base_url=f"{url}/api/v1", headers={"authorization": f"Bearer {secret}"}, trust_env=False, timeout=30
    )


@pytest.mark.fault("F28", "clocks of two workers and of the scheduler wrong by ten minutes, both ways")
def test_clocks_are_wrong(postgresql_database: Database, data_folder: Path, tally: Tally):
    actor = _owner(postgresql_database, "Ada", "Observatory")
    with World(data_folder, actor, scale=0.1, tally=tally, changes={"errands": True, "skew": 600}) as world:
        world.kill("scheduler")
        world.start_scheduler(skew=600)
        world.start_worker("worker-2", skew=-600)
        world.ready("worker", "worker-2")
        tally.injections += 3
        with world.database.write() as session:
            one = errands.ask(session, actor, [{"name": n, "seconds": 5, "steps": 10} for n in range(4)])
            two = errands.ask(session, actor, [{"name": n, "seconds": 0.1} for n in range(10)])
        whole(world, one, two)
        tally.recoveries += 3
        with world.database.read() as session:
            again = session.exec(select(func.count()).select_from(Job).where(col(Job.fence) > 1)).one()
        assert again == 0, "a lease ended before its time"


@pytest.mark.fault("F29", "two schedulers at once, while workers die", smoke=True)
def test_two_schedulers_do_no_harm(make_world: MakeWorld):
    with make_world(changes={"errands": True}) as world:
        world.start_scheduler("scheduler-2")
        with world.database.write() as session:
            analysis_id = errands.ask(
                session, world.actor, [{"name": n, "seconds": 0.4, "steps": 4} for n in range(12)]
            )
        for _ in range(2):
            world.taken_up(world.kill_running_child("collect"))
        whole(world, analysis_id)
        with world.database.read() as session:
            told = session.exec(select(JobEvent.job_id).where(JobEvent.kind == "job.reclaimed")).all()
        assert len(told) <= 2, "each loss is told once"


@pytest.mark.fault("F31", "the same request twenty times at once", smoke=True)
def test_a_request_sent_twenty_times_at_once_is_one(
    database: Database, workspace_actor: Actor, tally: Tally, monkeypatch
):
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()

    def ask(_: int) -> str:
        with database.write() as session:
            return analyses.request(session, workspace_actor, wanted(), dedupe_key="client:once")

    with ThreadPoolExecutor(20) as many:
        ids = set(many.map(ask, range(20)))
    tally.injections += 19
    with database.read() as session:
        stored = int(session.exec(select(func.count()).select_from(Analysis)).one())
        jobs = int(session.exec(select(func.count()).select_from(Job)).one())
    tally.duplicates += stored - 1
    tally.recoveries += 19
    assert (len(ids), stored, jobs) == (1, 1, 1)


@pytest.mark.fault("F31", "the same request twenty times at once, over HTTP; answers lost and sent again")
def test_a_request_sent_twenty_times_over_http_is_one(make_world: MakeWorld):
    with make_world() as world:
        url = world.start_web()
        body = {"sources": [{"provider": "reddit", "query": {"subreddit": COMMUNITY}}], "question": "Once?"}
        with http(world, url) as client, ThreadPoolExecutor(20) as many:
            answers = list(
                many.map(lambda _: client.post("/analyses", json=body, headers={"idempotency-key": "once"}), range(20))
            )
        world.tally.injections += 19
        assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers][:3]
        ids = {answer.json()["id"] for answer in answers}
        assert len(ids) == 1
        world.tally.recoveries += 19
        whole(world, *ids)


@pytest.mark.fault("F33", "cap reached in the middle, by several sources at once", smoke=True)
def test_the_cap_is_reached(make_world: MakeWorld):
    price = 1_000
    with make_world(changes={"price": price}, workers=3) as world:
        analysis_id = world.ask(COMMUNITY, "datahoarder", "homelab", max_cost_micros=14 * price)
        world.tally.injections += 1
        stops = CLOSED | {"needs_choice"}
        world.until(lambda: world.look(analysis_id).status in stops, "it stops", seconds=60)
        if world.look(analysis_id).status == "needs_choice":  # its owner is asked; here they keep what there is
            with world.database.write() as session:
                analyses.cancel(session, world.actor, analysis_id)
        ended = world.finished(analysis_id)
        world.tally.recoveries += 1
        world.tally.seen["spent of the cap"] = f"{ended.spent_micros / ended.cap_micros:.0%}"
        made = sum(1 for line in world.sandbox.log.entries() if line["remote"] == "reddit")
        assert made * price <= ended.spent_micros <= ended.cap_micros
        assert ended.status in {"partial", "failed", "cancelled"}
        world.check_invariants()


@pytest.mark.fault("F34", "web process killed and started again in the middle of a run")
def test_the_web_process_dies_in_the_middle_of_a_run(make_world: MakeWorld):
    with make_world() as world:
        world.sandbox.control.set_latency(0.1, "reddit")
        url = world.start_web()
        with http(world, url) as client:
            analysis_id = world.ask(COMMUNITY)
            world.running("collect", done=1)
            seen = client.get(f"/analyses/{analysis_id}/events").json()
            world.kill("web")
            world.tally.injections += 1
            done = world.look(analysis_id).event_sequence
            began = time.monotonic()
            world.start_web(port=int(url.rpartition(":")[2]))
            world.tally.recovered(time.monotonic() - began)
            whole(world, analysis_id)
            shown = client.get(f"/analyses/{analysis_id}").json()
            last = max((event["sequence"] for event in seen["rows"]), default=0)
            missed = client.get(f"/analyses/{analysis_id}/events", params={"after": last}).json()["rows"]
        stored = world.look(analysis_id)
        assert shown["status"] == stored.status
        assert shown["results"]["items"] == world.expected(COMMUNITY)
        assert [event["sequence"] for event in missed] == list(range(last + 1, stored.event_sequence + 1))
        assert done <= stored.event_sequence


@pytest.mark.fault("F34", "web process killed between its commit and the broker's hearing of it")
def test_the_web_process_dies_after_its_commit(make_world: MakeWorld):
    with make_world() as world:
        url = world.start_web(crash="database.committed")
        body = {"sources": [{"provider": "reddit", "query": {"subreddit": COMMUNITY}}], "question": "Kept?"}
        with http(world, url) as client, pytest.raises(httpx.TransportError):
            client.post("/analyses", json=body, headers={"idempotency-key": "kept"})
        world.tally.injections += 1
        died = time.monotonic()
        with world.database.read() as session:
            analysis_id = session.exec(select(Analysis.id)).one()
        world.until(lambda: world.look(analysis_id).started_at is not None, "the sweep sends it")
        assert world.tally.recovered(time.monotonic() - died) <= promised(10)
        whole(world, analysis_id)


@pytest.mark.fault("F36", "scheduler, then workers gone: health says so", long=True)
def test_health_tells_of_a_dead_scheduler_and_of_dead_workers(make_world: MakeWorld):
    with make_world() as world:
        url = world.start_web()

        def ready() -> dict:
            return httpx.get(f"{url}/api/health/ready", trust_env=False, timeout=10).json()

        world.until(lambda: ready()["status"] == "ok", "all is well")
        world.kill("scheduler")
        gone = time.monotonic()
        world.tally.injections += 1
        world.until(lambda: ready()["parts"]["scheduler"]["status"] == "down", "it is told", seconds=60)
        assert world.tally.recovered(time.monotonic() - gone) <= 32
        assert ready()["status"] == "degraded"
        world.start_scheduler()
        world.until(lambda: ready()["status"] == "ok", "all is well again")
        world.kill("worker")
        gone = time.monotonic()
        world.tally.injections += 1
        world.until(lambda: ready()["parts"]["workers"]["status"] == "down", "it is told", seconds=60)
        world.tally.seen["dead worker told after"] = f"{time.monotonic() - gone:.1f} s"
        assert world.tally.recovered(time.monotonic() - gone) <= 32
