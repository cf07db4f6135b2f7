"""The map: its points, and the items inside a line, on both databases."""

from __future__ import annotations

import math

import pytest

from app.core.db import Database
from app.core.errors import InvalidInput, NotFound
from app.models import Item, Topic
from app.services import constellation
from app.services.access import Actor
from app.services.constellation import contains, items_in, points
from app.services.stages import cluster
from tests.app.services.pipeline.test_cluster import talk
from tests.app.services.synthesised import Turn
from tests.factories import ask, item

EVERYTHING = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
LEFT_HALF = [(0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0)]


@pytest.fixture
def analysis_id(database: Database, workspace_actor: Actor) -> str:
    """Return an analysis with 100 items on a diagonal, in two topics, and one that stands nowhere."""
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        for number in range(2):
            session.add(Topic(analysis_id=analysis.id, number=number, name=f"topic {number}", terms=["sync"], items=50))
        for number in range(100):
            session.add(
                item(
                    analysis,
                    number,
                    provider="reddit" if number < 70 else "youtube",
                    topic_number=number % 2,
                    topic_rank=number // 2,
                    map_x=number / 100,
                    map_y=number / 100,
                    sentiment_label="positive",
                )
            )
        session.add(item(analysis, 100))
        return analysis.id


def test_every_placed_item_is_a_point(database: Database, workspace_actor: Actor, analysis_id: str):
    with database.read() as session:
        shown = points(session, workspace_actor, analysis_id)
    assert shown.items == len(set(shown.ids)) == 100
    assert shown.x == shown.y
    assert sorted(shown.x) == [number / 100 for number in range(100)]
    assert {len(array) for array in (shown.x, shown.topic, shown.sentiment, shown.source)} == {100}
    assert [shown.sources[place] for place in shown.source].count("reddit") == 70
    assert [(topic.name, topic.x) for topic in shown.topics] == [("topic 0", 0.49), ("topic 1", 0.5)]


def test_of_more_than_can_be_drawn_each_topic_keeps_its_share(
    database: Database, workspace_actor: Actor, analysis_id: str
):
    with database.read() as session:
        shown = points(session, workspace_actor, analysis_id, limit=20)
        again = points(session, workspace_actor, analysis_id, limit=20)
    assert shown == again
    assert shown.items == 100
    assert (shown.topic.count(0), shown.topic.count(1)) == (10, 10)
    assert max(shown.x) - min(shown.x) > 0.85


def test_a_line_gives_the_items_inside_newest_first(database: Database, workspace_actor: Actor, analysis_id: str):
    found, cursor, pages = [], None, 0
    while True:
        with database.read() as session:
            page = items_in(session, workspace_actor, analysis_id, LEFT_HALF, cursor=cursor, limit=20)
        found += page.rows
        pages += 1
        assert page.items == 50
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == 3
    assert [row.external_id for row in found] == [f"t1_{number:06}" for number in range(49, -1, -1)]


def test_a_line_around_everything_leaves_out_what_stands_nowhere(
    database: Database, workspace_actor: Actor, analysis_id: str
):
    with database.read() as session:
        assert items_in(session, workspace_actor, analysis_id, EVERYTHING).items == 100


@pytest.mark.parametrize("corners", [0, 2, constellation.MAX_VERTICES + 1])
def test_a_line_needs_three_corners_and_not_too_many(
    database: Database, workspace_actor: Actor, analysis_id: str, corners: int
):
    with database.read() as session, pytest.raises(InvalidInput, match="corners"):
        items_in(session, workspace_actor, analysis_id, [(0.1, 0.1)] * corners)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_a_corner_is_a_number(database: Database, workspace_actor: Actor, analysis_id: str, wrong: float):
    with database.read() as session, pytest.raises(InvalidInput):
        items_in(session, workspace_actor, analysis_id, [(0.0, 0.0), (1.0, wrong), (1.0, 1.0)])


@pytest.mark.parametrize("cursor", ["x", "WyJhIiwiYiJd", "WyIyMDI2LTAxLTAxIiwiYiJd"])
def test_a_made_up_cursor_is_refused(database: Database, workspace_actor: Actor, analysis_id: str, cursor: str):
    with database.read() as session, pytest.raises(InvalidInput):
        items_in(session, workspace_actor, analysis_id, EVERYTHING, cursor=cursor)


def test_the_map_of_another_workspace_is_not_there(
    database: Database, workspace_actor: Actor, other_actor: Actor, analysis_id: str
):
    with database.read() as session:
        with pytest.raises(NotFound):
            points(session, other_actor, analysis_id)
        with pytest.raises(NotFound):
            items_in(session, other_actor, analysis_id, EVERYTHING)


def test_a_hole_of_a_line_that_crosses_itself_is_outside():
    star = [(0.5, 1.0), (0.2, 0.0), (1.0, 0.62), (0.0, 0.62), (0.8, 0.0)]
    assert contains(star, [0.5, 0.5, 0.0], [0.45, 0.8, 0.0]).tolist() == [False, True, False]


def test_the_stage_gives_its_items_places_and_takes_them_back(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        rows = [
            item(analysis, number, text=found.text, sentiment_label="neutral", thread_external_id=found.thread)
            for number, (_, found) in enumerate(talk(120))
        ]
        session.add_all(rows)
        analysis_id, first = analysis.id, rows[0].id
    cluster.run(Turn(database, analysis_id))
    with database.read() as session:
        before = points(session, workspace_actor, analysis_id)
    assert before.items == 120
    assert len(before.topics) >= 3

    with database.write() as session:
        row = session.get_one(Item, first)
        row.spam = True
        session.add(row)
    cluster.run(Turn(database, analysis_id))
    with database.read() as session:
        after = points(session, workspace_actor, analysis_id)
    assert set(before.ids) - set(after.ids) == {first}
