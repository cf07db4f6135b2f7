"""Topics over time, from stored items, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.db import Database
from app.core.errors import NotFound
from app.models import Topic
from app.services import trends
from app.services.access import Actor
from tests.factories import MOMENT, ask, item


def told(database: Database, actor: Actor, days: int = 16) -> str:
    """Store two topics: one that grows day by day, one that is always there."""
    with database.write() as session:
        analysis = ask(session, actor)
        session.flush()
        number = 0
        for day in range(days):
            for topic, count in ((0, 10), (1, day)):
                for _ in range(count):
                    values = {"topic_number": topic, "sentiment_label": "negative" if topic else "positive"}
                    number += 1
                    session.add(item(analysis, number, posted_at=MOMENT + timedelta(days=day), scored=True, **values))
        for number, name in enumerate(("always there", "more and more")):
            row = Topic(analysis_id=analysis.id, number=number, name=name, terms=[], items=160 - 40 * number)
            session.add(row)
        return analysis.id


def test_each_topic_has_its_periods_and_its_direction(database: Database, workspace_actor: Actor):
    analysis_id = told(database, workspace_actor)
    with database.read() as session:
        steady, growing = trends.topics(session, workspace_actor, analysis_id)
    assert (steady.trend.direction, growing.trend.direction) == ("falling", "rising")
    assert growing.trend.ratio is not None
    assert growing.trend.ratio > 2
    assert [period.items for period in growing.trend.periods] == [1, 5, 9, 13, 17, 21, 25, 29]
    assert [period.negative for period in growing.trend.periods] == [1, 5, 9, 13, 17, 21, 25, 29]
    assert growing.trend.periods[0].share == round(1 / 21, 4)
    assert growing.trend.periods[0].first == MOMENT.date()
    assert growing.trend.periods[-1].last == MOMENT.date() + timedelta(days=15)


def test_periods_leave_no_day_out_and_count_none_twice(database: Database, workspace_actor: Actor):
    analysis_id = told(database, workspace_actor, days=11)
    with database.read() as session:
        (steady, _) = trends.topics(session, workspace_actor, analysis_id)
    assert sum(period.items for period in steady.trend.periods) == 110
    for one, following in zip(steady.trend.periods, steady.trend.periods[1:], strict=False):
        assert following.first - one.last == timedelta(days=1)


def test_an_analysis_without_items_has_no_periods(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
        session.flush()
        session.add(Topic(analysis_id=analysis_id, number=0, name="none", terms=[], items=0))
    with database.read() as session:
        (topic,) = trends.topics(session, workspace_actor, analysis_id)
    assert topic.trend.periods == []
    assert topic.trend.direction == "unclear"


def test_another_workspace_sees_none(database: Database, workspace_actor: Actor, other_actor: Actor):
    analysis_id = told(database, workspace_actor, days=2)
    with database.read() as session, pytest.raises(NotFound):
        trends.topics(session, other_actor, analysis_id)
