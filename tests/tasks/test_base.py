"""What each class of error leads to: on both databases, with a handler that raises it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from app.core.clock import now
from app.core.db import Database
from app.core.errors import CapReached
from app.models import Analysis, DeadLetter, Job, JobStatus
from app.services import taking
from app.services.access import Actor
from app.services.fairness import Offer
from app.services.stages.work import TurnOver, Work
from integrations.errors import ContractChanged, Gone, NeedsReauth, RateLimited, Unreachable
from tasks import base
from tests.factories import ask, claimed


@pytest.fixture
def job_id(database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    base.settings.cache_clear()
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        session.flush()
        return session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()


@pytest.fixture
def run(job_id: str, database: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[Exception | None], Job]:
    """Run the job once with a handler that raises; return its row."""

    def once(error: Exception | None) -> Job:
        def handler(work: Work) -> None:
            if error is not None:
                raise error
            with work.finish():
                pass

        monkeypatch.setattr(base, "handler", lambda _kind: handler)
        base.run_job(job_id)
        with database.read() as session:
            return session.get_one(Job, job_id)

    return once


def make_due(database: Database, job_id: str) -> None:
    with database.write() as session:
        session.get_one(Job, job_id).run_after = now()


def test_a_rate_limit_waits_and_costs_no_attempt(run):
    job = run(RateLimited("Reddit asks us to wait.", provider="reddit", retry_after=120))
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert 100 < (job.run_after - now()).total_seconds() <= 120


def test_an_absurd_wait_is_capped(run):
    job = run(RateLimited("Reddit asks us to wait.", provider="reddit", retry_after=1e9))
    assert (job.run_after - now()).total_seconds() <= 3600


def started_and_waited(database: Database, job_id: str, *, days: float, refused_days: float) -> None:
    """Let a job be as if it was started days ago, and its provider had made it wait for some of them."""
    with database.write() as session:
        job = session.get_one(Job, job_id)
        job.started_at = now() - timedelta(days=days)
        job.refused_seconds = refused_days * 86_400


REFUSAL = RateLimited("Reddit asks us to wait.", provider="reddit", retry_after=120)


def test_a_job_that_its_provider_made_wait_for_days_is_given_up(run, database, job_id):
    started_and_waited(database, job_id, days=4, refused_days=3)
    job = run(REFUSAL)
    assert (job.status, job.error_kind) == (JobStatus.DEAD, "rate_limited")
    assert "for days" in (job.error_message or "")


def test_days_that_a_job_waited_for_its_owner_do_not_count_against_its_provider(run, database, job_id):
    started_and_waited(database, job_id, days=30, refused_days=0)
    job = run(REFUSAL)
    assert (job.status, job.refused_seconds) == (JobStatus.QUEUED, 120)


def test_days_that_a_limit_of_ours_held_a_job_do_not_count_against_its_provider(run, database, job_id):
    started_and_waited(database, job_id, days=30, refused_days=4)
    job = run(RateLimited("The day's units are used up.", provider="youtube", retry_after=900, own_limit=True))
    assert (job.status, job.refused_seconds) == (JobStatus.QUEUED, 4 * 86_400)
    assert job.in_line_seconds == 900


def test_a_job_that_gets_on_is_waited_for_anew(database, job_id, monkeypatch):
    started_and_waited(database, job_id, days=4, refused_days=4)

    def gets_on(work: Work) -> None:
        with work.commit(cursor={"page": 2}):
            pass
        raise REFUSAL

    monkeypatch.setattr(base, "handler", lambda _kind: gets_on)
    base.run_job(job_id)
    with database.read() as session:
        job = session.get_one(Job, job_id)
        assert (job.status, job.refused_seconds) == (JobStatus.QUEUED, 120)


def test_no_answer_is_tried_again_later(run, database, job_id, monkeypatch):
    monkeypatch.setattr(base, "FIRST_DELAY_SECONDS", 60.0)  # a slow machine may take longer than the usual second
    job = run(Unreachable("Reddit did not answer.", provider="reddit"))
    assert (job.status, job.attempts, job.error_kind) == (JobStatus.RETRYING, 1, "unreachable")
    assert job.run_after > now()
    assert run(None).status == JobStatus.RETRYING, "it is not due yet"
    make_due(database, job_id)
    assert run(None).status == JobStatus.SUCCEEDED


def test_missing_credentials_set_the_job_and_the_analysis_aside(run, database):
    job = run(NeedsReauth("Reddit refuses our key.", provider="reddit"))
    assert (job.status, job.attempts) == (JobStatus.NEEDS_AUTH, 0)
    with database.read() as session:
        analysis = session.exec(select(Analysis)).one()
    assert (analysis.status, analysis.error) == ("needs_auth", "Reddit refuses our key.")


@pytest.mark.parametrize(
    "error",
    [Gone("r/x does not exist.", provider="reddit"), CapReached("The cap is reached.")],
)
def test_what_can_only_fail_again_is_given_up_at_once(run, database, error):
    job = run(error)
    assert job.status == JobStatus.DEAD
    with database.read() as session:
        letter = session.exec(select(DeadLetter)).one()
        analysis = session.exec(select(Analysis)).one()
    assert letter.reason == error.message
    assert (analysis.status, analysis.error) == ("failed", error.message)


def test_a_strange_answer_is_tried_once_more_only(run, database, job_id):
    error = ContractChanged("Reddit answered something new.", provider="reddit", sample="<html>")
    assert run(error).status == JobStatus.RETRYING
    make_due(database, job_id)
    assert run(error).status == JobStatus.DEAD


def test_a_bug_is_tried_again_and_its_words_stay_out_of_the_page(run, database, job_id):
    job = run(ValueError("secret detail"))
    assert job.status == JobStatus.RETRYING
    assert job.error_message == "An error of ours stopped this step (ValueError)."


def test_a_turn_that_is_over_goes_to_the_end_of_the_line(run):
    job = run(TurnOver("x"))
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)


def test_a_job_that_is_not_there_is_no_error():
    base.run_job("nonsense")


@pytest.mark.parametrize("attempt", [1, 2, 5, 30])
def test_delays_double_up_to_a_limit(attempt: int):
    longest = min(600.0, 2.0 * 2 ** (attempt - 1))
    assert all(longest / 2 <= base.delay_before(attempt) <= longest for _ in range(50))


def test_who_loses_a_job_to_another_worker_takes_the_next(
    job_id: str, database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    with database.write() as session:
        analysis = ask(session, workspace_actor, "another")
        session.flush()
        behind = session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()
    ran: list[str] = []
    monkeypatch.setattr(base, "handler", lambda _kind: lambda work: ran.append(work.held.job_id))
    looked: list[str | None] = []

    def next_offers(session: Session, slot: taking.Slot, *, named: str | None = None) -> list[Offer]:
        found = offered(session, slot, named=named)
        looked.append(found[0].job_id if found else None)
        if len(looked) == 2:  # between the look and the claim another worker was faster
            claimed(session, looked[0] or "", worker="faster", lease_seconds=60)
        return found

    offered = taking.next_offers
    monkeypatch.setattr(taking, "next_offers", next_offers)
    base.run_job(job_id)
    assert looked[0] == job_id
    assert ran == [behind]
