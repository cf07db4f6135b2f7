"""`asterism jobs`: list, hold, try again, put away."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select

from app.core.settings import settings
from app.models import Job
from app.services import claims, sessions
from app.services.stages import plan
from tests.app.cli.command import run
from tests.factories import ask, claimed


@pytest.fixture
def job(sqlite_database, monkeypatch) -> Job:
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with sqlite_database.write() as session:
        analysis = ask(session, sessions.local_owner(session))
        session.flush()
        return session.exec(select(Job).where(Job.analysis_id == analysis.id)).one()


def test_a_job_is_listed_held_and_put_back(capfd, job):
    assert f"{job.id}  queued" in run(capfd, "jobs", "list", job.analysis_id).out
    assert f"{job.id}  done  paused\n" in run(capfd, "jobs", "pause", job.id).out
    again = run(capfd, "jobs", "pause", job.id, "no-id")
    assert again.code == 3
    assert again.out.count("not done") == 2
    assert run(capfd, "jobs", "resume", job.id).code == 0
    assert run(capfd, "jobs", "cancel", job.id, "--yes").code == 0


def test_a_dead_letter_is_shown_changed_and_gone(capfd, job, sqlite_database):
    with sqlite_database.write() as session:
        held = claimed(session, job.id, worker="one", lease_seconds=60)
        plan.advance(session, claims.give_up(session, held, kind="rejected", message="Reddit does not know it."))
    assert "1 attempt  Collect r/selfhosted: Reddit does not know it." in run(capfd, "jobs", "dead").out
    payload = json.loads(run(capfd, "jobs", "dead", "--json").out)["payload"]
    assert run(capfd, "jobs", "retry", job.id, "--payload", "[]").code == 2
    payload["source"]["query"]["subreddit"] = "other"
    assert f"{job.id}  done  queued\n" in run(capfd, "jobs", "retry", job.id, "--payload", json.dumps(payload)).out
    assert job.id not in run(capfd, "jobs", "dead").out


def test_all_that_a_filter_matches_is_done_after_asking(capfd, job, monkeypatch):
    asked: list[str] = []
    monkeypatch.setattr("typer.confirm", lambda words, abort: asked.append(words))
    assert "No job stands where it could resume." in run(capfd, "jobs", "all", "resume", "--state", "stuck").out
    assert "1 of 1 job done.\n" in run(capfd, "jobs", "all", "pause", "--state", "waiting").out
    assert asked == ["Pause 1 job?"]
    assert "No job stands" in run(capfd, "jobs", "all", "resume", "--state", "all", "--queue", "ai", "--yes").out
    assert "1 of 1 job done.\n" in run(capfd, "jobs", "all", "resume", "--state", "all", "--yes").out
    assert f"{job.id}  queued" in run(capfd, "jobs", "list", job.analysis_id).out
