"""Asking for an analysis and steering it: on both databases."""

from __future__ import annotations

import threading

import pytest
from sqlmodel import func, select

from app.core.db import Database
from app.core.errors import Conflict, InvalidInput, NotFound, NotPermitted, Unavailable
from app.core.settings import settings
from app.models import Analysis, AuditEvent, Job, JobStatus, Role
from app.services import analyses, claims, timeline
from app.services.access import Actor
from app.services.stages.work import Work
from tests.factories import ask, item, wanted


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
        ({"engine": "model"}, "No model is connected here"),
        ({"sources": [{"provider": "gopher", "query": {}}]}, "gopher"),
        ({"sources": [{"provider": "reddit", "query": {"subreddit": "x"}}]}, "2 to 21 letters"),
        ({"sources": [{"provider": "reddit", "query": {"subreddit": "a1"}}] * 2}, "same source is there twice"),
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
        held = claims.claim(session, job_id, worker="one", lease_seconds=60)
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
