"""Several things at once, through all stages of an analysis. On both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import func, select

from app.models import Item
from app.services import analyses
from tests.chaos.world import World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

COMMUNITY = "productivity"


def items_of(world: World, analysis_id: str) -> int:
    with world.database.read() as session:
        return int(session.exec(select(func.count()).select_from(Item).where(Item.analysis_id == analysis_id)).one())


def assert_whole(world: World, analysis_id: str) -> None:
    assert world.finished(analysis_id).status == "completed", world.report()
    world.check_invariants()


@pytest.mark.fault("F7", "worker, scheduler and a wiped broker lost one after the other, through all stages", long=True)
def test_worker_scheduler_and_a_wiped_broker_lost_one_after_the_other(make_world: Callable[..., World]):
    with make_world(scale=0.4) as world:
        analysis_id = world.ask(COMMUNITY)
        world.until_stage(analysis_id, "collect", done=100)
        world.kill_alone("worker")
        world.start_worker()
        world.until_stage(analysis_id, "collect", done=300)
        world.kill("scheduler")
        world.kill("valkey")
        world.wipe_valkey()
        world.start_valkey()
        world.start_scheduler()
        world.until_stage(analysis_id, "score", done=1)
        world.kill("worker")
        world.kill("valkey")
        world.wipe_valkey()
        world.start_valkey()
        world.start_worker()
        assert_whole(world, analysis_id)
        world.tally.injections = world.tally.recoveries = 5


@pytest.mark.fault("F30", "analysis paused in the middle of a page, and resumed")
def test_a_paused_analysis_stops_keeps_what_it_has_and_goes_on(make_world: Callable[..., World]):
    with make_world() as world:
        world.sandbox.control.set_latency(0.05, "reddit")
        analysis_id = world.ask(COMMUNITY)
        world.running("collect", done=1)
        with world.database.write() as session:
            analyses.pause(session, world.actor, analysis_id)
        world.tally.injections += 1
        kept = items_of(world, analysis_id)
        assert 1 <= kept < world.expected(COMMUNITY)
        world.until(lambda: "job.lost" in (world.folder / "worker.log").read_text(), "the worker notices")
        assert items_of(world, analysis_id) == kept
        assert world.look(analysis_id).status == "paused"
        with world.database.write() as session:
            analyses.resume(session, world.actor, analysis_id)
        assert_whole(world, analysis_id)
        world.tally.recoveries += 1
