"""Comparing and asking again by REST."""

from __future__ import annotations

import pytest

from app.core.ids import new_id
from app.core.settings import settings
from app.models import Analysis
from app.services.comparing.shapes import ComparisonView
from tests.app.api.v1.story import Api, Story, fault, tell


@pytest.fixture
def other(sqlite_database, workspace_actor) -> Story:
    return tell(sqlite_database, workspace_actor, items=15)


def test_a_comparison_has_the_shape_that_is_promised(api: Api, story: Story, other: Story):
    answer = api("GET", f"/comparisons?before={story.analysis}&after={other.analysis}")
    assert answer.status_code == 200
    found = ComparisonView.model_validate(answer.json())
    assert (found.items.new, found.items.gone, found.items.common) == (3, 0, 12)
    assert (found.before.id, found.after.id) == (story.analysis, other.analysis)


def test_changed_items_come_page_by_page(api: Api, story: Story, other: Story):
    asked = f"/comparisons/items?before={story.analysis}&after={other.analysis}&change=new&limit=2"
    first = api("GET", asked).json()
    second = api("GET", f"{asked}&cursor={first['next_cursor']}").json()
    assert (len(first["rows"]), len(second["rows"]), second["next_cursor"]) == (2, 1, None)
    assert fault(api("GET", asked.replace("=new", "=other")), 422)["field"] == "change"


def test_foreign_unknown_and_malformed_ids_are_not_there(api: Api, story: Story, sqlite_database, other_actor):
    theirs = tell(sqlite_database, other_actor).analysis
    answers = [
        fault(api("GET", path), 404)
        for foreign in (theirs, new_id(), "no-id")
        for path in (
            f"/comparisons?before={story.analysis}&after={foreign}",
            f"/comparisons?before={foreign}&after={story.analysis}",
            f"/comparisons/items?before={foreign}&after={story.analysis}&change=gone",
        )
    ]
    assert all(answer == answers[0] for answer in answers)


def test_asking_again_says_what_it_would_ask_and_then_asks_it(
    api: Api, story: Story, sqlite_database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")  # nothing listens: the estimate is empty
    settings.cache_clear()
    prepared = api("GET", f"/analyses/{story.analysis}/rerun?dates=same").json()
    assert prepared["rerun_of"] == story.analysis
    assert prepared["request"]["until"] is not None
    answer = api("POST", f"/analyses/{story.analysis}/rerun", json={"dates": "same"}, headers={"idempotency-key": "k"})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["metadata"]["rerun_of"] == story.analysis
    assert answer.headers["location"] == f"/api/v1/analyses/{made['id']}"
    with sqlite_database.read() as session:
        assert session.get_one(Analysis, made["id"]).rerun_of == story.analysis
