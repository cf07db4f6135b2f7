"""A file that somebody brought is read to its end, whatever dies meanwhile. On both databases."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from sqlmodel import func, select

from app.models import Item, Job
from app.services import analyses
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.imports import library, receiving
from tests.chaos.world import World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

ROWS = 2600
"""Six blocks."""


def brought(world: World) -> str:
    lines = ["id,text,author,date,parent"]
    lines += [
        f"{number},I wish that sync number {number} were faster,u{number % 300},2026-10-{1 + number % 28:02},"
        f"{'' if number % 7 == 0 else number - number % 7}"
        for number in range(ROWS)
    ]
    data = "\n".join(lines).encode()
    return receiving.take(world.database, world.actor, io.BytesIO(data), "talk.csv", len(data))


def test_workers_killed_between_and_after_the_blocks_of_a_file_lose_and_double_no_row(
    make_world: Callable[..., World],
):
    with make_world() as world:
        identifier = brought(world)
        world.kill("worker")
        world.start_worker(crash="collect.answered:2,collect.committed:2")
        with world.database.write() as session:
            wanted = AnalysisRequest(sources=[SourceRequest(provider="file", query={"id": identifier})])
            analysis_id = analyses.request(session, world.actor, wanted)
        found = world.finished(analysis_id, seconds=120)
        assert found.status == "completed", world.report()
        with world.database.read() as session:
            items = session.exec(select(Item).where(Item.analysis_id == analysis_id)).all()
            fence = session.exec(select(Job.fence).where(Job.analysis_id == analysis_id, Job.kind == "collect")).one()
        assert len(items) == ROWS
        assert len({item.external_id for item in items}) == ROWS
        assert {item.thread_external_id for item in items} == {
            item.external_id for item in items if item.kind == "post"
        }
        assert fence >= 4, "it was killed while it read"


def test_a_file_that_is_deleted_while_it_is_read_ends_the_analysis_with_a_sentence(make_world: Callable[..., World]):
    with make_world() as world:
        identifier = brought(world)
        world.kill("worker")
        with world.database.write() as session:
            wanted = AnalysisRequest(sources=[SourceRequest(provider="file", query={"id": identifier})])
            analysis_id = analyses.request(session, world.actor, wanted)
        with world.database.write() as session:
            library.remove(session, world.actor, identifier)
        world.start_worker()
        found = world.finished(analysis_id, seconds=120)
        assert found.status == "failed", world.report()
        assert "talk.csv is not there any more" in (found.error or "")
        with world.database.read() as session:
            assert session.exec(select(func.count()).select_from(Item)).one() == 0
