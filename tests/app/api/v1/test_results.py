"""Items, opportunities, topics, jobs, cost and events, in the contract's form."""

from __future__ import annotations

import pytest

from app.services.contract import (
    AnalysisView,
    CostView,
    EventView,
    ItemView,
    JobView,
    OpportunityView,
)
from app.services.trends import TopicOverTime
from tests.app.api.v1.story import api_for, fault, tell

FILTERS = [
    ({}, 12),
    ({"kind": "post"}, 1),
    ({"spam": "true"}, 1),
    ({"spam": "false"}, 11),
    ({"sentiment": "negative"}, 11),
    ({"sentiment": "positive"}, 0),
    ({"text": "number 7"}, 1),
    ({"author": "author5"}, 1),
    ({"community": "r/selfhosted", "language": "en", "topic": 0, "intent": "request"}, 12),
    ({"topic": 4}, 0),
    ({"duplicates": "true"}, 0),
    ({"day": "2026-11-20"}, 12),
    ({"day": "2026-11-21"}, 0),
]


def test_the_whole_analysis_has_the_fields_of_the_contract(api, story):
    body = api.get(f"/analyses/{story.analysis}")
    view = AnalysisView.model_validate(body)
    assert (view.results.items, view.results.spam, view.sample) == (12, 1, True)
    assert list(body) == [
        "id", "status", "sample", "error", "request", "progress", "choice", "degraded", "results", "cost", "metadata",
    ]  # fmt: skip
    assert body["metadata"]["finished_at"] == "2026-11-20T12:00:00.000Z"
    assert body["cost"]["spent_micros"] == 1218
    evidence = body["results"]["opportunities"][0]["evidence"][0]
    assert evidence["verified"] == "verified"
    assert evidence["item_id"] == story.items[0]


def test_items_are_paged_newest_first_and_each_comes_once(api, story):
    path = f"/analyses/{story.analysis}/items"
    rows, cursor = [], None
    while True:
        page = api.get(path, limit=5, **({"cursor": cursor} if cursor else {}))
        rows += [ItemView.model_validate(row) for row in page["rows"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [row.id for row in rows] == story.items[::-1]


@pytest.mark.parametrize(("filters", "count"), FILTERS)
def test_items_are_filtered(api, story, filters, count):
    assert len(api.get(f"/analyses/{story.analysis}/items", limit=100, **filters)["rows"]) == count


def test_items_of_an_opportunity_are_all_that_speak_for_it(api, story):
    rows = api.get(f"/analyses/{story.analysis}/items", opportunity=story.opportunity)["rows"]
    assert [row["id"] for row in rows] == [story.items[2], story.items[0]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "101"), ("limit", "0"), ("limit", "many"), ("sentiment", "angry"), ("kind", "poem"),
        ("topic", "-1"), ("spam", "perhaps"), ("day", "yesterday"), ("cursor", "nonsense"), ("surprise", "1"),
    ],
)  # fmt: skip
def test_a_wrong_filter_is_refused_with_one_sentence_and_its_name(api, story, name, value):
    problem = fault(api("GET", f"/analyses/{story.analysis}/items", params={name: value}), 422)
    assert problem["field"] == name


def test_one_item(api, story):
    item = ItemView.model_validate(api.get(f"/analyses/{story.analysis}/items/{story.items[3]}"))
    assert (item.spam, item.spam_reasons, item.sentiment) == (True, ["link farm"], None)


def test_an_item_of_another_analysis_is_not_in_this_one(api, story, sqlite_database, workspace_actor):
    second = tell(sqlite_database, workspace_actor)
    fault(api("GET", f"/analyses/{story.analysis}/items/{second.items[0]}"), 404)
    fault(api("GET", f"/analyses/{story.analysis}/opportunities/{second.opportunity}"), 404)


def test_opportunities_come_with_their_quotes(api, story):
    page = api.get(f"/analyses/{story.analysis}/opportunities")
    [row] = [OpportunityView.model_validate(row) for row in page["rows"]]
    assert (row.title, row.score_interval, row.topic, page["next_cursor"]) == ("Faster sync", (76, 88), "Sync", None)
    assert api.get(f"/analyses/{story.analysis}/opportunities/{row.id}") == page["rows"][0]


def test_topics(api, story):
    [row] = api.get(f"/analyses/{story.analysis}/topics")["rows"]
    topic = TopicOverTime.model_validate(row)
    assert topic.id == story.topic
    assert sum(period.items for period in topic.trend.periods) > 0


def test_jobs(api, story):
    [row] = api.get(f"/analyses/{story.analysis}/jobs")["rows"]
    job = JobView.model_validate(row)
    assert (job.id, job.status, job.done) == (story.job, "succeeded", 12)


def test_cost(api, story):
    cost = CostView.model_validate(api.get(f"/analyses/{story.analysis}/cost"))
    assert (cost.cap_micros, cost.spent_micros) == (500_000, 1218)
    assert [(entry.quantity, entry.amount_micros) for entry in cost.entries] == [(8120, 1218)]


def test_events_after_a_number(api, story):
    path = f"/analyses/{story.analysis}/events"
    assert [EventView.model_validate(row).sequence for row in api.get(path)["rows"]] == [1, 2, 3]
    first = api.get(path, limit=2)
    assert [row["sequence"] for row in first["rows"]] == [1, 2]
    rest = api.get(path, limit=2, after=first["next_cursor"])
    assert ([row["sequence"] for row in rest["rows"]], rest["next_cursor"]) == ([3], None)
    assert fault(api("GET", path, params={"after": -1}), 422)["field"] == "after"


def test_postgresql_filters_and_pages_alike(postgresql_database, workspace_actor):
    api, story = api_for(postgresql_database, workspace_actor), tell(postgresql_database, workspace_actor)
    for filters, count in FILTERS:
        assert len(api.get(f"/analyses/{story.analysis}/items", limit=100, **filters)["rows"]) == count, filters
    test_items_are_paged_newest_first_and_each_comes_once(api, story)
    test_events_after_a_number(api, story)
    test_opportunities_come_with_their_quotes(api, story)
    test_cost(api, story)
