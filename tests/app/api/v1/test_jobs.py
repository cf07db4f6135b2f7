"""Jobs by REST: held, tried again, put away."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.core.settings import settings
from app.models import Job
from app.services import claims
from app.services.stages import plan
from tests.app.api.v1.story import fault
from tests.factories import ask, claimed


@pytest.fixture
def job(sqlite_database, workspace_actor, monkeypatch) -> str:
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with sqlite_database.write() as session:
        analysis = ask(session, workspace_actor)
        session.flush()
        return session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()


def give_up(database, job_id):
    with database.write() as session:
        held = claimed(session, job_id, worker="one", lease_seconds=60)
        plan.advance(session, claims.give_up(session, held, kind="rejected", message="Reddit does not know it."))


def test_a_job_is_held_and_put_back(api, job):
    assert api("POST", f"/jobs/{job}/pause").json() == {"job_id": job, "done": True, "status": "paused", "why": None}
    assert fault(api("POST", f"/jobs/{job}/pause"), 409)["code"] == "conflict"
    assert api("POST", f"/jobs/{job}/resume").json()["status"] == "queued"


def test_a_dead_letter_is_listed_retried_with_a_change_and_gone(api, job, sqlite_database):
    give_up(sqlite_database, job)
    letter = api("GET", "/dead-letters").json()["rows"][0]
    assert (letter["job_id"], letter["reason"], letter["attempts"]) == (job, "Reddit does not know it.", 1)

    wrong = fault(api("POST", f"/jobs/{job}/retry", json={"payload": {"source": {"provider": "x"}}}), 422)
    assert wrong["field"].startswith("payload.source")
    changed = {"source": {"provider": "reddit", "query": {"subreddit": "other"}}}
    assert api("POST", f"/jobs/{job}/retry", json={"payload": changed}).json()["status"] == "queued"
    assert api("GET", "/dead-letters").json()["rows"] == []
    assert api("GET", "/dead-letters?resolved=true").json()["rows"][0]["resolution"] == "edited"


def test_many_are_steered_at_once_and_each_gets_its_word(api, job):
    answer = api("POST", "/jobs/steer", json={"move": "cancel", "job_ids": [job, "no-id"]})
    assert [row["done"] for row in answer.json()["rows"]] == [True, False]
    assert fault(api("POST", "/jobs/steer", json={"move": "explode", "job_ids": [job]}), 422)["field"] == "move"
    assert fault(api("POST", "/jobs/steer", json={"move": "pause", "job_ids": []}), 422)["field"] == "job_ids"
