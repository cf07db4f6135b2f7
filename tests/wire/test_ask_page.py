"""The page of questions, as a browser's socket sees it."""

from __future__ import annotations

import pytest

from app.core import bus
from app.models import Analysis, AnalysisStatus, Question, Role
from app.services import asking, questions, queueing
from app.services.access import Actor
from app.services.question_shapes import QuestionRequest
from state.ask import NO_QUESTION, AskState
from tests import factories
from tests.wire.client import ON_LOAD, Site, Tab, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

ASK = AskState.get_full_name()


def _analysis(site: Site, actor: Actor, *, status: AnalysisStatus = AnalysisStatus.COMPLETED) -> str:
    request = factories.wanted("selfhosted")
    analysis = Analysis(
        workspace_id=actor.workspace_id,
        requested_by=actor.reference,
        status=status,
        question=request.question,
        request=request.model_dump(mode="json"),
        cap_micros=500_000,
    )
    with site.database.write() as session:
        session.add(analysis)
        session.flush()
        session.add_all(factories.item(analysis, number, community="r/selfhosted") for number in range(6))
        return analysis.id


async def _open(page: Tab, analysis_id: str, question_id: str = "") -> None:
    page.path = f"/analyses/{analysis_id}/ask"
    query = f"?q={question_id}" if question_id else ""
    router = {"pathname": page.path, "asPath": page.path + query, "query": {}}
    await page.send_raw({"name": ON_LOAD, "payload": {}, "router_data": router})
    await page.until(lambda: page.last(ASK, "loaded") is True)


async def test_a_question_leads_to_the_address_of_its_answer(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.send(f"{ASK}.write", text="What do people say about backups?")
        await page.send(f"{ASK}.ask", form={})
        await page.until(lambda: page.redirects() != [])
        (address,) = page.redirects()
        path, _, question_id = address.partition("?q=")
        assert path == f"/analyses/{analysis_id}/ask"

        await _open(page, analysis_id, question_id)
        await page.until(lambda: (page.last(ASK, "shown") or {}).get("id") == question_id)
        shown = page.last(ASK, "shown")
        assert shown["found"] is True
        assert shown["items_href"] == f"/analyses/{analysis_id}?tab=items&question={question_id}"
        assert [row["id"] for row in page.last(ASK, "history")] == [question_id]

        place = shown["groups"][0]["sentences"][0]["sources"][0]["place"]
        await page.send(f"{ASK}.open_source", is_open=True, place=place)
        await page.until(lambda: bool(page.last(ASK, "rows")))
        (row,) = page.last(ASK, "rows")
        assert row["quote"] == shown["groups"][0]["sentences"][0]["words"]


async def test_an_empty_question_is_said_and_nothing_is_asked(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.send(f"{ASK}.write", text="   ")
        await page.send(f"{ASK}.ask", form={})
        await page.until(lambda: page.last(ASK, "asking_problem") == NO_QUESTION)
        assert page.redirects() == []


async def test_a_question_that_fails_stays_in_the_field(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, status=AnalysisStatus.RUNNING)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        assert "still runs" in page.last(ASK, "refused")
        await page.send(f"{ASK}.ask_this", text="What about backups?")
        await page.until(lambda: "still runs" in (page.last(ASK, "asking_problem") or ""))
        assert page.last(ASK, "text") == "What about backups?"
        assert not page.last(ASK, "busy")


async def test_a_question_is_saved_by_name_and_deleted(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    wanted = QuestionRequest(text="What do people say about sync?")
    question_id = asking.ask(site.database, actor, analysis_id, wanted)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, question_id)
        await page.send(f"{ASK}.keep", form={"name": "Sync"})
        await page.until(lambda: (page.last(ASK, "shown") or {}).get("saved_as") == "Sync")
        assert [row["name"] for row in page.last(ASK, "saved")] == ["Sync"]
        await page.send(f"{ASK}.delete")
        await page.until(lambda: page.redirects() == [f"/analyses/{analysis_id}/ask"])


async def test_a_viewer_is_told_why_they_cannot_ask(site: Site) -> None:
    actor = person(site, Role.VIEWER)
    analysis_id = _analysis(site, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        assert "viewer" in page.last(ASK, "refused")


async def test_another_workspaces_question_is_not_there(site: Site) -> None:
    actor, other = person(site), person(site)
    theirs = _analysis(site, other)
    question_id = asking.ask(site.database, other, theirs, QuestionRequest(text="What about sync?"))
    ours = _analysis(site, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        for analysis_id in (ours, theirs):
            await _open(page, analysis_id, question_id)
            await page.until(lambda: bool(page.last(ASK, "problem")))
            assert not (page.last(ASK, "shown") or {}).get("id")


async def test_a_models_answer_is_pushed_to_the_page(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    question_id = asking.ask(site.database, actor, analysis_id, QuestionRequest(text="What about backups?"))
    with site.database.write() as session:
        question = session.get_one(Question, question_id)
        question.answered_at = None
        queueing.enqueue(
            session,
            session.get_one(Analysis, analysis_id),
            kind=questions.ERRAND,
            name=f"{questions.ERRAND}:{question_id}",
            payload={"question": question_id},
        )
        session.add(question)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, question_id)
        await page.until(lambda: (page.last(ASK, "shown") or {}).get("asking") is True)
        assert page.last(ASK, "shown")["groups"]  # what the items say is there already

        with site.database.write() as session:
            question = session.get_one(Question, question_id)
            question.answered_at = question.created_at
            question.answer = {**question.answer, "engine": "model", "model": "big"}
            session.add(question)
        site.say(bus.analysis_channel(analysis_id), "answered")
        await page.until(lambda: page.last(ASK, "shown")["engine"] == "big")
        assert page.last(ASK, "shown")["asking"] is False
        await page.until(lambda: page.last(ASK, "history")[0]["outcome"] != "asking")
