"""Asking for an analysis and steering it: on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlmodel import func, select

from app.core.clock import now
from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from app.core.settings import settings
from app.models import Analysis, AuditEvent, Job, JobStatus, Role
from app.services import analyses, claims, timeline
from app.services.access import Actor
from app.services.stages import plan
from app.services.stages.work import Work
from tests.factories import ask, claimed, item, wanted


def test_an_analysis_starts_with_a_job_for_each_source(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor, "selfhosted", "homelab").id

    with database.read() as session:
        view = analyses.view(session, workspace_actor, analysis_id)
        events = timeline.events(session, workspace_actor, analysis_id)
    assert view.status == "queued"
    assert view.sample
    assert view.progress.jobs.waiting == 2
    assert view.progress.overall == 0
    assert view.cost.cap_micros == 500_000
    assert [event.message for event in events] == ["Asked for: r/selfhosted, r/homelab."]
    assert [event.sequence for event in events] == [1]


def test_the_same_key_twice_gives_one_analysis(database: Database, workspace_actor: Actor, other_actor: Actor):
    with database.write() as session:
        first = analyses.request(session, workspace_actor, wanted(), dedupe_key="click")
        second = analyses.request(session, workspace_actor, wanted(), dedupe_key="click")
        elsewhere = analyses.request(session, other_actor, wanted(), dedupe_key="click")

    assert first == second != elsewhere
    with pytest.raises(Conflict, match="This key was used for another request"), database.write() as session:
        analyses.request(session, workspace_actor, wanted("homelab"), dedupe_key="click")


def test_twenty_clicks_at_once_make_one_analysis(database: Database, workspace_actor: Actor):
    barrier = threading.Barrier(20)
    made: list[str] = []

    def click() -> None:
        barrier.wait()
        with database.write() as session:
            made.append(analyses.request(session, workspace_actor, wanted(), dedupe_key="clicks"))

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 20
    assert len(set(made)) == 1
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Job)).one() == 1


def test_control_characters_are_taken_out_of_words(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor, question="a\x00b\x1b[31mc", keywords=["x\x00y"])
    assert analysis.question == "a b [31mc"
    assert analysis.request["keywords"] == ["x y"]


def test_without_a_sandbox_or_a_key_the_request_is_refused_with_a_reason(
    database: Database, workspace_actor: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("ASTERISM_SANDBOX_URL")
    settings.cache_clear()
    with pytest.raises(Unavailable, match="start everything with `asterism run`"), database.write() as session:
        analyses.request(session, workspace_actor, wanted())


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sources": [{"provider": "gopher", "query": {}}]}, "gopher"),
        ({"sources": [{"provider": "reddit", "query": {"subreddit": "x"}}]}, "2 to 21 letters"),
        ({"sources": [{"provider": "reddit", "query": {"subreddit": "a1"}}] * 2}, "same source is there twice"),
        (
            {"sources": [{"provider": "reddit", "query": {"subreddit": name}} for name in ("a1", "A1")]},
            "same source is there twice",
        ),
    ],
)
def test_a_wrong_request_gets_one_clear_sentence(database: Database, workspace_actor: Actor, change, sentence):
    with pytest.raises(InvalidInput, match=sentence), database.write() as session:
        analyses.request(session, workspace_actor, wanted(**change))


def test_a_viewer_may_look_but_not_ask(database: Database, workspace_actor: Actor):
    viewer = Actor(workspace_actor.kind, workspace_actor.id, workspace_actor.workspace_id, Role.VIEWER, "V")
    with pytest.raises(NotPermitted, match="Your role is viewer"), database.write() as session:
        analyses.request(session, viewer, wanted())


def test_anothers_analysis_is_not_there(database: Database, workspace_actor: Actor, other_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
    for act in (analyses.pause, analyses.resume, analyses.cancel):
        with pytest.raises(NotFound), database.write() as session:
            act(session, other_actor, analysis_id)
    with database.read() as session:
        assert analyses.rows(session, other_actor).rows == []
        for identifier in (analysis_id, "nonsense", ""):
            with pytest.raises(NotFound, match="There is no such analysis in this workspace"):
                analyses.view(session, other_actor, identifier)


def test_pausing_takes_the_job_from_its_worker_and_resuming_gives_it_back(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
        session.flush()
        job_id = session.exec(select(Job.id)).one()
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    with Work(held, database).commit(cursor={"at": 1}, done=7):
        pass
    with database.write() as session:
        analyses.pause(session, workspace_actor, analysis_id)

    with pytest.raises(claims.ClaimLost), Work(held, database).commit(done=9):
        pass
    with pytest.raises(Conflict, match="This analysis is paused, so it cannot be paused"), database.write() as session:
        analyses.pause(session, workspace_actor, analysis_id)
    with database.write() as session:
        analyses.resume(session, workspace_actor, analysis_id)

    with database.read() as session:
        job = session.get_one(Job, job_id)
    assert (job.status, job.done, job.cursor, job.attempts) == (JobStatus.QUEUED, 7, {"at": 1}, 0)
    assert job.sent_at is not None


def test_cancelling_ends_it_and_keeps_what_there_is(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        session.add(item(analysis, 1))
        analysis_id = analysis.id
    with database.write() as session:
        analyses.cancel(session, workspace_actor, analysis_id)

    with database.read() as session:
        view = analyses.view(session, workspace_actor, analysis_id)
        audited = session.exec(select(AuditEvent.action)).all()
    assert view.status == "cancelled"
    assert view.metadata.finished_at is not None
    assert view.results.items == 1
    assert view.progress.jobs.waiting == 0
    assert sorted(audited) == ["analysis:cancel", "analysis:create"]


def test_a_cancelled_analysis_is_not_nearly_done(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
    with database.write() as session:
        analyses.cancel(session, workspace_actor, analysis_id)
    with database.read() as session:
        progress = analyses.view(session, workspace_actor, analysis_id).progress
        listed = analyses.rows(session, workspace_actor).rows[0]
    assert progress.overall == listed.overall == 0
    assert [stage.state for stage in progress.stages] == ["cancelled"] + ["skipped"] * 5


def test_a_missing_source_is_still_named_after_a_pause(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis = ask(session, workspace_actor, "selfhosted", "homelab")
        session.add(item(analysis, 1))
        analysis_id = analysis.id
        session.flush()
        jobs = session.exec(select(Job.id).order_by(Job.id)).all()
    _take(
        database,
        jobs[0],
        lambda session, held: plan.advance(
            session, claims.give_up(session, held, kind="gone", message="r/selfhosted is gone.")
        ),
    )
    _finish(database, jobs[1])
    with database.write() as session:
        analyses.pause(session, workspace_actor, analysis_id)
    with database.write() as session:
        analyses.resume(session, workspace_actor, analysis_id)
    while True:
        with database.read() as session:
            waiting = session.exec(select(Job.id).where(Job.status == JobStatus.QUEUED)).first()
        if waiting is None:
            break
        _finish(database, waiting)

    with database.read() as session:
        view = analyses.view(session, workspace_actor, analysis_id)
    assert (view.status, view.error) == (
        "partial",
        "Not read to the end: r/selfhosted. r/selfhosted is gone.",
    )


def test_a_source_that_needs_a_key_while_another_waits_parks_the_analysis(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor, "selfhosted", "homelab").id
        session.flush()
        first, second = session.exec(select(Job.id).order_by(Job.id)).all()
        held = [claimed(session, job, worker="one", lease_seconds=60) for job in (first, second)]
    assert held[0] is not None
    assert held[1] is not None
    with database.write() as session:
        claims.park(session, held[0], message="Set a key.")
    with database.write() as session:
        analyses.resume(session, workspace_actor, analysis_id)
    with database.write() as session:
        claims.park(session, held[1], message="Set a key.")
    with database.read() as session:
        assert session.get_one(Analysis, analysis_id).status == "needs_auth"


@pytest.mark.parametrize("steer", [analyses.pause, analyses.cancel, analyses.resume])
def test_who_steers_a_parked_analysis_is_no_longer_asked_for_a_connection(
    database: Database, workspace_actor: Actor, steer: Callable[..., None]
):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
        session.flush()
        held = claimed(session, session.exec(select(Job.id)).one(), worker="one", lease_seconds=60)
        assert held
        claims.park(session, held, message="Connect Reddit again.")
    with database.write() as session:
        assert session.get_one(Analysis, analysis_id).error == "Connect Reddit again."
        steer(session, workspace_actor, analysis_id)
        assert session.get_one(Analysis, analysis_id).error is None


def test_what_is_missing_is_still_said_when_a_paused_analysis_goes_on(database: Database, workspace_actor: Actor):
    """Also where a version before left the word about a connection there."""
    with database.write() as session:
        analysis_id = ask(session, workspace_actor, "selfhosted", "gone").id
        session.flush()
        jobs = session.exec(select(Job.id).where(Job.analysis_id == analysis_id).order_by(Job.id)).all()
        held = claimed(session, jobs[1], worker="one", lease_seconds=60)
        assert held
        plan.advance(session, claims.give_up(session, held, kind="gone", message="r/gone is gone."))
    with database.write() as session:
        analyses.pause(session, workspace_actor, analysis_id)
        session.get_one(Analysis, analysis_id).error = "Connect Reddit again."
    with database.write() as session:
        analyses.resume(session, workspace_actor, analysis_id)
    with database.read() as session:
        assert session.get_one(Analysis, analysis_id).error == "Not read to the end: r/gone. r/gone is gone."


def test_a_commit_that_gets_on_forgives_what_failed_before(database: Database, workspace_actor: Actor):
    with database.write() as session:
        ask(session, workspace_actor)
        session.flush()
        job_id = session.exec(select(Job.id)).one()
    for number in range(12):
        with database.write() as session:
            held = claimed(session, job_id, worker="one", lease_seconds=60)
        assert held is not None, f"given up after {number} single failures"
        with Work(held, database).commit(cursor={"at": number}):
            pass
        with database.write() as session:
            claims.fail(session, held, kind="unreachable", message="Reddit did not answer.", delay_seconds=-1)


def test_resuming_keeps_the_wait_that_a_provider_asked_for(database: Database, workspace_actor: Actor):
    with database.write() as session:
        analysis_id = ask(session, workspace_actor).id
        session.flush()
        job_id = session.exec(select(Job.id)).one()
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    with database.write() as session:
        claims.defer(session, held, seconds=1800, why="Reddit asks us to wait.")
    for act in (analyses.pause, analyses.resume):
        with database.write() as session:
            act(session, workspace_actor, analysis_id)
    with database.read() as session:
        waiting = session.get_one(Job, job_id)
        queue = analyses.view(session, workspace_actor, analysis_id).progress.queue
    assert (waiting.run_after - now()).total_seconds() > 1700
    assert (
        queue.why
        == "No worker is running for this now; `asterism run` brings one back, elsewhere start `asterism worker`."
    )


def _take(database: Database, job_id: str, end) -> None:
    with database.write() as session:
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    with database.write() as session:
        end(session, held)


def _finish(database: Database, job_id: str) -> None:
    with database.write() as session:
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    with Work(held, database).finish():
        pass


def test_a_list_is_paged_newest_first(database: Database, workspace_actor: Actor):
    with database.write() as session:
        made = [ask(session, workspace_actor).id for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        with database.read() as session:
            page = analyses.rows(session, workspace_actor, cursor=cursor, limit=2)
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == made[::-1]


def test_a_request_that_fails_leaves_nothing_behind(database: Database, workspace_actor: Actor):
    def ask_and_break() -> None:
        with database.write() as session:
            ask(session, workspace_actor)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        ask_and_break()
    with database.read() as session:
        assert session.exec(select(func.count()).select_from(Analysis)).one() == 0
