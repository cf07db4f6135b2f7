"""Things die in the middle; the analysis finishes, no item twice, the ledger right. On both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from app.core.db import Database
from app.models import Analysis, Item, JobEvent
from app.services import analyses
from app.services.access import Actor
from tests.chaos.world import World

pytestmark = pytest.mark.stack

COMMUNITY = "productivity"


@pytest.fixture
def world(data_folder: Path, database: Database, workspace_actor: Actor) -> Iterator[World]:
    with World(data_folder, workspace_actor, scale=0.4) as started:
        yield started


def items_of(world: World, analysis_id: str) -> int:
    with world.database.read() as session:
        return int(session.exec(select(func.count()).select_from(Item).where(Item.analysis_id == analysis_id)).one())


def expected_items(world: World) -> int:
    return sum(1 for item in world.sandbox.corpus.items if item.community == COMMUNITY)


def events(world: World, analysis_id: str, kind: str) -> int:
    with world.database.read() as session:
        return int(
            session.exec(
                select(func.count())
                .select_from(JobEvent)
                .where(JobEvent.analysis_id == analysis_id, col(JobEvent.kind) == kind)
            ).one()
        )


def assert_whole(world: World, analysis: Analysis) -> None:
    assert analysis.status == "completed", world.report()
    assert items_of(world, analysis.id) == expected_items(world)
    world.check_invariants(analysis.id)


@pytest.mark.parametrize("stage", ["collect", "score"])
def test_a_pool_process_killed_in_a_stage_costs_nothing(world: World, stage: str):
    analysis_id = world.ask(COMMUNITY)
    world.until_stage(analysis_id, stage)
    world.kill_running_child()
    assert_whole(world, world.finished(analysis_id))


def test_worker_scheduler_and_a_wiped_broker_lost_one_after_the_other_cost_nothing(world: World):
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
    assert_whole(world, world.finished(analysis_id))


def test_two_schedulers_do_no_harm(world: World):
    world.start("scheduler-2", "from tasks.scheduler import run; run()")
    analysis_id = world.ask(COMMUNITY)
    assert_whole(world, world.finished(analysis_id))
    assert events(world, analysis_id, "analysis.completed") == 1


def test_a_paused_analysis_stops_keeps_what_it_has_and_goes_on(world: World):
    analysis_id = world.ask(COMMUNITY)
    world.until_stage(analysis_id, "collect", done=100)
    with world.database.write() as session:
        analyses.pause(session, world.actor, analysis_id)
    kept = items_of(world, analysis_id)
    assert 100 <= kept < expected_items(world)
    world.until(lambda: "job.lost" in (world.folder / "worker.log").read_text(), "the worker notices")
    assert items_of(world, analysis_id) == kept
    assert world.look(analysis_id).status == "paused"
    with world.database.write() as session:
        analyses.resume(session, world.actor, analysis_id)
    assert_whole(world, world.finished(analysis_id))
