"""Choosing over REST how an analysis goes on near its cap."""

from __future__ import annotations

import pytest

from app.core.settings import settings
from tests.app.api.v1.story import fault
from tests.app.services.waiting import waiting


@pytest.fixture(autouse=True)
def sandbox_named(data_folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a sandbox, so that requests are accepted; nothing listens there."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()


def test_the_question_and_its_answer(api, sqlite_database, workspace_actor):
    analysis_id = waiting(sqlite_database, workspace_actor)
    asked = api("GET", f"/analyses/{analysis_id}").json()
    assert asked["status"] == "needs_choice"
    assert asked["choice"]["why"] == "threshold"
    assert [one["choice"] for one in asked["choice"]["options"]] == ["go_on", "cheaper", "stop"]
    assert fault(api("POST", f"/analyses/{analysis_id}/resume"), 409)["code"] == "conflict"

    answer = api("POST", f"/analyses/{analysis_id}/choice", json={"choice": "cheaper"})
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["choice"]) == ("queued", None)
    again = fault(api("POST", f"/analyses/{analysis_id}/choice", json={"choice": "stop"}), 409)
    assert "asks for no choice" in again["detail"]


def test_at_the_cap_a_higher_one_goes_with_it(api, sqlite_database, workspace_actor):
    analysis_id = waiting(sqlite_database, workspace_actor, at_cap=True)
    assert api("GET", f"/analyses/{analysis_id}").json()["choice"]["why"] == "cap"
    path = f"/analyses/{analysis_id}/choice"
    assert "give a higher cap" in fault(api("POST", path, json={"choice": "go_on"}), 409)["detail"]
    low = fault(api("POST", path, json={"choice": "go_on", "max_cost_micros": 20_000}), 422)
    assert low["field"] == "max_cost_micros"
    answer = api("POST", path, json={"choice": "go_on", "max_cost_micros": 40_000})
    assert answer.json()["cost"]["cap_micros"] == 40_000


def test_only_the_three_answers_are_taken(api, sqlite_database, workspace_actor):
    analysis_id = waiting(sqlite_database, workspace_actor)
    assert fault(api("POST", f"/analyses/{analysis_id}/choice", json={"choice": "more"}), 422)
