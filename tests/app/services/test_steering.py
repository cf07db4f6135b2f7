"""One job or many, held, tried again, changed, put away by their owner: on both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, col, select

from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from app.models import Analysis, AnalysisStatus, AuditEvent, DeadLetter, Job, JobEvent, JobStatus, Role
from app.services import analyses, claims, dead_letters, queueing, steering
from app.services.access import Actor
from app.services.claims import Claim, ClaimLost
from app.services.stages import plan
from app.services.stages.work import Work
from app.services.steering import Steer
from tests.factories import ask, claimed, item

BROKEN = "Reddit does not know r/nowhere."


@pytest.fixture
def two(database: Database, workspace_actor: Actor) -> list[str]:
    """Return the ids of the two collect jobs of an analysis."""
    with database.write() as session:
        analysis = ask(session, workspace_actor, "one", "two")
        session.flush()
        return list(session.exec(select(Job.id).where(Job.analysis_id == analysis.id).order_by(col(Job.id))).all())


def take(database: Database, job_id: str) -> Claim:
    with database.write() as session:
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    return held


def give_up(database: Database, job_id: str) -> None:
    held = take(database, job_id)
    with database.write() as session:
        plan.advance(session, claims.give_up(session, held, kind="rejected", message=BROKEN))


def bring(database: Database, job_id: str, number: int) -> None:
    """Let a collect job store one item and finish."""
    with Work(take(database, job_id), database).finish(cursor={"finished": True}) as (session, analysis):
        session.add(item(analysis, number, job_id=job_id))


def work_off(database: Database) -> list[str]:
    """Finish every job until there is none left; return their kinds in order."""
    kinds = []
    while True:
        with database.read() as session:
            job = session.exec(select(Job).where(col(Job.status).in_(["queued", "retrying"]))).first()
        if job is None:
            return kinds
        kinds.append(job.kind)
        with Work(take(database, job.id), database).finish():
            pass


def look(database: Database, job_id: str) -> tuple[Job, Analysis]:
    with database.read() as session:
        job = session.get_one(Job, job_id)
        return job, session.get_one(Analysis, job.analysis_id or "")


def do(database: Database, actor: Actor, job_id: str, move: Steer, **values) -> steering.Steered:
    with database.write() as session:
        return steering.steer(session, actor, job_id, move, **values)


def test_a_paused_job_waits_while_its_analysis_goes_on(database: Database, workspace_actor: Actor, two: list[str]):
    held = take(database, two[0])
    assert do(database, workspace_actor, two[0], Steer.PAUSE).status == "paused"
    with pytest.raises(ClaimLost), Work(held, database).commit(done=1):
        pass
    bring(database, two[1], 1)

    job, analysis = look(database, two[0])
    assert (job.status, job.attempts, analysis.status, analysis.stage) == ("paused", 0, "running", "collect")
    assert do(database, workspace_actor, two[0], Steer.RESUME).status == "queued"
    bring(database, two[0], 2)
    assert look(database, two[0])[1].stage == "clean"


def test_a_cancelled_source_is_missing_in_the_end_and_that_is_said(
    database: Database, workspace_actor: Actor, two: list[str]
):
    bring(database, two[0], 1)
    do(database, workspace_actor, two[1], Steer.CANCEL)
    work_off(database)
    job, analysis = look(database, two[1])
    assert (job.status, analysis.status) == ("cancelled", "partial")
    assert analysis.error == "Not read to the end: r/two. Collecting was cancelled by Ada."


def test_retrying_what_an_analysis_failed_by_brings_it_back_and_it_completes(
    database: Database, workspace_actor: Actor, two: list[str]
):
    for job_id in two:
        give_up(database, job_id)
    assert look(database, two[0])[1].status == "failed"

    with database.write() as session:
        outcomes = steering.steer_many(session, workspace_actor, two, Steer.RETRY)
    assert [outcome.done for outcome in outcomes] == [True, True]
    assert look(database, two[0])[1].status == "queued"
    assert look(database, two[0])[1].finished_at is None
    bring(database, two[0], 1)
    bring(database, two[1], 2)
    assert work_off(database) == ["clean", "score", "cluster", "synthesise", "report"]

    analysis = look(database, two[0])[1]
    assert (analysis.status, analysis.error) == ("completed", None)
    with database.read() as session:
        assert {letter.resolution for letter in session.exec(select(DeadLetter))} == {"retried"}


def test_a_partial_analysis_is_completed_by_the_source_that_was_missing_and_later_stages_run_again(
    database: Database, workspace_actor: Actor, two: list[str]
):
    bring(database, two[0], 1)
    give_up(database, two[1])
    work_off(database)
    assert look(database, two[1])[1].status == "partial"

    do(database, workspace_actor, two[1], Steer.RETRY)
    bring(database, two[1], 2)
    assert work_off(database) == ["clean", "score", "cluster", "synthesise", "report"]
    assert look(database, two[1])[1].status == "completed"
    with database.read() as session:
        assert len(session.exec(select(Job)).all()) == 7, "no job was made twice"


def test_an_edited_payload_is_checked_before_it_is_taken_and_starts_from_the_beginning(
    database: Database, workspace_actor: Actor, two: list[str]
):
    with Work(take(database, two[0]), database).commit(cursor={"at": "page 3"}):
        pass
    with database.write() as session:
        job = session.get_one(Job, two[0])
        job.lease_until = job.created_at
    give_up(database, two[0])
    wrong = (
        {},
        {"source": {"provider": "hackernews", "query": {"search": "x"}}},
        {"source": {"provider": "reddit", "query": {"subreddit": "no such name!"}}},
        {"source": {"provider": "reddit", "query": {"subreddit": "other"}}, "more": 1},
    )
    for payload in wrong:
        with pytest.raises(InvalidInput):
            do(database, workspace_actor, two[0], Steer.RETRY, payload=payload)
    assert look(database, two[0])[0].status == "dead"

    right = {"source": {"provider": "reddit", "query": {"subreddit": "other"}}}
    assert do(database, workspace_actor, two[0], Steer.RETRY, payload=right).status == "queued"
    job = look(database, two[0])[0]
    assert (job.payload["source"]["query"]["subreddit"], job.cursor, job.attempts) == ("other", None, 0)
    with database.read() as session:
        assert session.exec(select(DeadLetter.resolution)).one() == "edited"
        said = session.exec(select(JobEvent.message).where(JobEvent.kind == "job.retried")).one()
    assert said == "Collecting: changed and put back in line by Ada."


def test_a_dead_letter_says_what_why_and_how_often_until_it_is_discarded(
    database: Database, workspace_actor: Actor, other_actor: Actor, two: list[str]
):
    give_up(database, two[0])
    with database.read() as session:
        letter = dead_letters.rows(session, workspace_actor).rows[0]
        assert dead_letters.rows(session, other_actor).rows == []
    assert (letter.job_id, letter.label, letter.reason, letter.attempts) == (two[0], "Collect r/one", BROKEN, 1)
    assert letter.payload["source"]["query"]["subreddit"] == "one"

    do(database, workspace_actor, two[0], Steer.DISCARD)
    with pytest.raises(Conflict, match="nothing to discard"):
        do(database, workspace_actor, two[0], Steer.DISCARD)
    with database.read() as session:
        assert dead_letters.rows(session, workspace_actor).rows == []
        assert dead_letters.rows(session, workspace_actor, resolved=True).rows[0].resolution == "discarded"
    assert look(database, two[0])[0].status == "dead", "the source is still missing"


def test_what_is_not_possible_for_one_of_many_does_not_stop_the_others(
    database: Database, workspace_actor: Actor, two: list[str]
):
    give_up(database, two[0])
    with database.write() as session:
        outcomes = steering.steer_many(session, workspace_actor, [*two, "no-id"], Steer.PAUSE)
    assert [(outcome.done, outcome.status) for outcome in outcomes] == [
        (False, "dead"),
        (True, "paused"),
        (False, None),
    ]
    assert outcomes[0].why == "This job is dead, so it cannot pause; look at its present state first."


def test_other_workspaces_and_viewers_can_do_nothing(
    database: Database, workspace_actor: Actor, other_actor: Actor, two: list[str]
):
    viewer = Actor(workspace_actor.kind, workspace_actor.id, workspace_actor.workspace_id, Role.VIEWER, "Vi")
    refused: list[tuple[Actor, type[Exception]]] = [(other_actor, NotFound), (viewer, NotPermitted)]
    for actor, error in refused:
        for move in Steer:
            with pytest.raises(error):
                do(database, actor, two[0], move)
    with database.write() as session:
        assert not steering.steer_many(session, other_actor, two, Steer.CANCEL)[0].done
    assert look(database, two[0])[0].status == "queued"


def test_each_act_leaves_an_audit_event(database: Database, workspace_actor: Actor, two: list[str]):
    do(database, workspace_actor, two[0], Steer.PAUSE)
    with database.read() as session:
        found = session.exec(select(AuditEvent).where(AuditEvent.action == "job:pause")).one()
    assert (found.subject, found.actor) == (two[0], workspace_actor.reference)


def test_nothing_is_tried_again_while_its_analysis_is_on_hold(
    database: Database, workspace_actor: Actor, two: list[str]
):
    give_up(database, two[0])
    analysis_id = look(database, two[0])[1].id
    with database.write() as session:
        analyses.pause(session, workspace_actor, analysis_id)
    with pytest.raises(Conflict, match="resume the analysis first"):
        do(database, workspace_actor, two[0], Steer.RETRY)
    with database.write() as session:
        analyses.resume(session, workspace_actor, analysis_id)
    assert do(database, workspace_actor, two[0], Steer.RETRY).status == "queued"


def test_an_errand_of_a_finished_analysis_is_steered_like_any_job(
    database: Database, workspace_actor: Actor, two: list[str]
):
    analysis_id = look(database, two[0])[1].id
    with database.write() as session:
        analysis = session.get_one(Analysis, analysis_id)
        analysis.status = AnalysisStatus.COMPLETED
        for job in session.exec(select(Job)):
            job.status = JobStatus.SUCCEEDED
        queueing.enqueue(session, analysis, kind="answer", name="answer:1", payload={"question": "1"})
        errand = session.exec(select(Job.id).where(Job.kind == "answer")).one()
    do(database, workspace_actor, errand, Steer.PAUSE)
    assert do(database, workspace_actor, errand, Steer.RESUME).status == "queued"
    assert look(database, errand)[0].sent_at is not None
    give_up(database, errand)
    assert do(database, workspace_actor, errand, Steer.RETRY).status == "queued"
    job, analysis = look(database, errand)
    assert job.sent_at is not None, "somebody is told to take it"
    assert analysis.status == "completed"


def test_an_analysis_whose_only_parked_source_is_cancelled_goes_on(
    database: Database, workspace_actor: Actor, two: list[str]
):
    held = take(database, two[0])
    with database.write() as session:
        claims.park(session, held, message="Connect Reddit again.")
    bring(database, two[1], 1)
    assert look(database, two[0])[1].status == "needs_auth"
    do(database, workspace_actor, two[0], Steer.CANCEL)
    assert look(database, two[0])[1].stage == "clean"


def test_a_failed_act_writes_nothing(database: Database, workspace_actor: Actor, two: list[str]):
    write: Callable[[Session], object] = lambda session: steering.steer(session, workspace_actor, two[0], Steer.RESUME)  # noqa: E731
    with pytest.raises(Conflict), database.write() as session:
        write(session)
    with database.read() as session:
        assert session.exec(select(AuditEvent).where(AuditEvent.action == "job:resume")).all() == []
