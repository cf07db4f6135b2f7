"""A large analysis and a small one at once: the small one, asked for later, is done first."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import col, func, select

from app.models import Item
from tests.chaos.world import World

pytestmark = [pytest.mark.stack, pytest.mark.timeout(240)]

LARGE = ("selfhosted", "homelab", "datahoarder", "smallbusiness")


def items(world: World, analysis_id: str) -> int:
    with world.database.read() as session:
        return int(session.exec(select(func.count(col(Item.id))).where(Item.analysis_id == analysis_id)).one())


def test_a_small_analysis_is_done_before_a_large_one_that_began_earlier(make_world: Callable[..., World]):
    with make_world(workers=1, scale=0.5) as world:
        large = world.ask(*LARGE)
        world.until(lambda: items(world, large) > 300, "the large one is under way", seconds=60)
        small = world.ask("productivity", max_items=100)
        first = world.finished(small, seconds=90)
        assert first.status == "completed"
        assert world.look(large).finished_at is None, "the large one was too small to show anything"
        assert world.finished(large, seconds=120).status == "completed"
        assert items(world, large) > 10 * items(world, small)
