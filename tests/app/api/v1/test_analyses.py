from __future__ import annotations

import pytest

from app.core import bus
from app.core.settings import settings
from app.models import Role
from app.services.contract import AnalysisView
from tests.app.api.v1.story import api_for, fault, tell

WANTED = {
    "question": "What do people want?",
    "sources": [{"provider": "reddit", "query": {"subreddit": "selfhosted"}}],
    "since": "2026-11-01T00:00:00Z",
    "keywords": ["sync"],
    "max_cost_micros": 250_000,
}


@pytest.fixture(autouse=True)
def sandbox(data_folder, valkey, monkeypatch):
    """Let the sandbox answer for Reddit; nobody listens there, so estimates have nothing to go by."""
    monkeypatch.setenv("ASTERISM_SANDBOX", "on")
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    yield
    bus.courier().settle(5)


def test_creating_answers_201_with_the_whole_analysis_and_where_it_is(api):
    answer = api("POST", "/analyses", json=WANTED)
    assert answer.status_code == 201, answer.text
    view = AnalysisView.model_validate(answer.json())
    assert answer.headers["location"] == f"/api/v1/analyses/{view.id}"
    assert (view.status, view.sample, view.cost.cap_micros) == ("queued", True, 250_000)
    assert view.request.keywords == ["sync"]
    assert view.cost.estimate is not None
    assert api.get(f"/analyses/{view.id}")["id"] == view.id


def test_the_same_idempotency_key_makes_one_analysis(api):
    answers = [api("POST", "/analyses", json=WANTED, headers={"Idempotency-Key": key}) for key in ("a", "a", "b")]
    ids = [answer.json()["id"] for answer in answers]
    assert ids[0] == ids[1] != ids[2]
    assert len(api.get("/analyses")["rows"]) == 2


def test_a_malformed_idempotency_key_is_refused(api):
    problem = fault(api("POST", "/analyses", json=WANTED, headers={"Idempotency-Key": "x" * 201}), 422)
    assert problem["field"] == "idempotency-key"


def test_an_estimate_stores_nothing(api):
    answer = api("POST", "/analyses/estimate", json=WANTED)
    assert answer.status_code == 200, answer.text
    assert {"items", "requests", "minutes", "micros", "assumptions"} <= set(answer.json())
    assert api.get("/analyses")["rows"] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sources": []}, "sources"),
        ({"sources": [{"provider": "reddit", "query": {"nonsense": 1}}]}, "sources"),
        ({"sources": [{"provider": "myspace", "query": {}}]}, "sources"),
        ({"question": "  "}, "question"),
        ({"max_cost_micros": -1}, "max_cost_micros"),
        ({"since": "2026-11-01T00:00:00"}, "since"),
        ({"engine": "magic"}, "engine"),
        ({"surprise": 1}, "surprise"),
    ],
)
@pytest.mark.parametrize("path", ["/analyses", "/analyses/estimate"])
def test_a_wrong_request_is_refused_with_one_sentence_and_the_field(api, path, change, field):
    assert fault(api("POST", path, json={**WANTED, **change}), 422)["field"] == field


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"null"])
def test_a_body_that_is_no_request_is_refused(api, body):
    fault(api("POST", "/analyses", content=body, headers={"content-type": "application/json"}), 422)


def test_the_list_is_paged_newest_first(api, sqlite_database, workspace_actor):
    ids = [tell(sqlite_database, workspace_actor, items=1).analysis for _ in range(5)]
    first = api.get("/analyses", limit=2)
    second = api.get("/analyses", limit=2, cursor=first["next_cursor"])
    third = api.get("/analyses", limit=2, cursor=second["next_cursor"])
    assert [row["id"] for page in (first, second, third) for row in page["rows"]] == ids[::-1]
    assert third["next_cursor"] is None


def test_the_list_holds_nothing_of_other_workspaces(api, sqlite_database, other_actor):
    tell(sqlite_database, other_actor)
    assert api.get("/analyses") == {"rows": [], "next_cursor": None}


@pytest.mark.parametrize(("name", "value"), [("limit", 0), ("limit", 101), ("cursor", "!!!"), ("cursor", "bm8")])
def test_a_wrong_page_is_refused(api, name, value):
    assert fault(api("GET", "/analyses", params={name: value}), 422)["field"] == name


def test_it_is_paused_resumed_and_cancelled(api):
    made = api("POST", "/analyses", json=WANTED)
    assert made.status_code == 201, made.text
    path = f"/analyses/{made.json()['id']}"
    steps = [("pause", "paused"), ("resume", {"queued", "running"}), ("cancel", "cancelled")]
    for step, status in steps:
        answer = api("POST", f"{path}/{step}")
        assert answer.status_code == 200, answer.text
        assert answer.json()["status"] in ({status} if isinstance(status, str) else status)
    fault(api("POST", f"{path}/resume"), 409)


def test_a_viewer_reads_but_starts_and_steers_nothing(sqlite_database, workspace_actor, story):
    viewer = api_for(sqlite_database, workspace_actor, role=Role.VIEWER)
    assert viewer.get(f"/analyses/{story.analysis}")["id"] == story.analysis
    fault(viewer("POST", "/analyses", json=WANTED), 403)
    fault(viewer("POST", "/analyses/estimate", json=WANTED), 403)
    fault(viewer("POST", f"/analyses/{story.analysis}/cancel"), 403)
