"""The page of an analysis, as its browser's socket sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlmodel import Session, select

from app.core import bus, clock
from app.models import (
    Analysis,
    AnalysisStatus,
    Evidence,
    Item,
    Job,
    Opportunity,
    OpportunityItem,
    Role,
)
from app.services.access import Actor
from state.analysis import AnalysisState
from state.analysis_evidence import EvidenceState
from state.analysis_items import ItemsState
from state.analysis_jobs import JobsState
from state.analysis_live import Watching
from state.analysis_opportunities import OpportunitiesState
from state.analysis_overview import OverviewState
from state.analysis_timeline import TimelineState
from tests import factories
from tests.wire.client import ON_LOAD, Site, Tab, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

FRAME = AnalysisState.get_full_name()


def _analysis(site: Site, actor: Actor, *, items: int = 0, status: AnalysisStatus = AnalysisStatus.RUNNING) -> str:
    request = factories.wanted("selfhosted")
    analysis = Analysis(
        workspace_id=actor.workspace_id,
        requested_by=actor.reference,
        status=status,
        question=request.question,
        request=request.model_dump(mode="json"),
        cap_micros=500_000,
        finished_at=None if status == AnalysisStatus.RUNNING else clock.now(),
    )
    with site.database.write() as session:
        session.add(analysis)
        session.flush()
        _add_items(session, analysis, items)
        session.add(
            Job(
                workspace_id=actor.workspace_id,
                analysis_id=analysis.id,
                kind="score",
                queue="analyse",
                dedupe_key=analysis.id,
                payload={"first": "", "items": items},
                run_after=clock.now(),
            )
        )
        return analysis.id


def _add_items(session: Session, analysis: Analysis, items: int) -> None:
    for number in range(items):
        label = ("negative", "neutral", "positive")[number % 3]
        session.add(factories.item(analysis, number, cleaned=True, scored=True, sentiment_label=label, sentiment=0.1))


def _change(site: Site, analysis_id: str, **values: Any) -> None:
    with site.database.write() as session:
        row = session.get_one(Analysis, analysis_id)
        for name, value in values.items():
            setattr(row, name, value)
        session.add(row)
    site.say(bus.analysis_channel(analysis_id), "{}")


async def _open(page: Tab, analysis_id: str, query: str = "") -> None:
    page.path = f"/analyses/{analysis_id}"
    await page.send_raw(
        {
            "name": ON_LOAD,
            "payload": {},
            "router_data": {"pathname": page.path, "asPath": page.path + query, "query": {}},
        }
    )


async def test_the_page_is_rebuilt_from_address_cookie_and_database(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=3)

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "loaded") is True)

        assert page.last(FRAME, "question") == "What do people wish for?"
        assert page.last(FRAME, "sources") == ["r/selfhosted"]
        assert page.last(FRAME, "status") == "running"
        assert page.last(FRAME, "item_count") == 3
        assert page.last(FRAME, "mode") == "live"
        await page.until(lambda: page.last(OverviewState.get_full_name(), "loaded") is True)
        assert len(page.last(OverviewState.get_full_name(), "days")) == 1


@pytest.mark.parametrize("kind", ["another workspace's", "malformed", "absent"])
async def test_what_is_not_there_for_you_is_not_there(site: Site, kind: str) -> None:
    actor = person(site)
    ids = {
        "another workspace's": _analysis(site, person(site), items=3),
        "malformed": "%2e%2e",
        "absent": "019a0000-0000-7000-8000-000000000000",
    }

    async with tab(site, session=site.session_of(actor)) as page:
        for query in ("", "?tab=items", "?tab=jobs", "?tab=opportunities", "?tab=cost"):
            await _open(page, ids[kind], query)
            await page.until(lambda: page.last(FRAME, "problem") not in (None, ""))

        assert "no such analysis" in page.last(FRAME, "problem")
        assert page.last(FRAME, "question") in (None, "")
        assert "What do people wish for?" not in page.text()
        assert "Comment number" not in page.text()


async def test_a_change_shows_by_itself(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "status") == "running")

        _change(site, analysis_id, status=AnalysisStatus.PAUSED)

        await page.until(lambda: page.last(FRAME, "status") == "paused")
        assert page.last(FRAME, "can_resume") is True


async def test_a_message_without_a_change_sends_nothing(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=3)

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "loaded") is True)
        await page.until(lambda: page.last(OverviewState.get_full_name(), "loaded") is True)
        before = len(page.updates)

        for _ in range(3):
            site.say(bus.analysis_channel(analysis_id), "{}")
            await asyncio.sleep(0.3)  # let the hub read thrice: what must not happen has no condition to wait for
        deltas = [update["delta"] for update in page.updates[before:] if update.get("delta")]

        assert [delta for delta in deltas if any("analysis" in name for name in delta)] == []


async def test_the_page_ends_with_its_session(site: Site) -> None:
    actor = person(site)
    analysis_id, token = _analysis(site, actor), site.session_of(actor)

    async with tab(site, session=token) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "loaded") is True)

        site.end_session(token)

        async def keep_talking() -> None:
            while "/sign-in" not in page.redirects():
                site.say(bus.analysis_channel(analysis_id), "{}")
                await asyncio.sleep(0.3)

        async with asyncio.timeout(30):
            await keep_talking()


async def test_a_viewer_sees_the_page_and_may_not_steer(site: Site) -> None:
    actor = person(site, Role.VIEWER)
    analysis_id = _analysis(site, actor)

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "loaded") is True)
        await page.send(f"{FRAME}.pause")
        await page.until(lambda: page.last(FRAME, "steering_problem") not in (None, ""))

        assert "viewer" in page.last(FRAME, "steering_refused")
        assert page.last(FRAME, "status") == "running"


async def test_pausing_and_resuming_show_by_themselves(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(FRAME, "can_pause") is True)
        await page.send(f"{FRAME}.pause")
        await page.until(lambda: page.last(FRAME, "status") == "paused")
        await page.send(f"{FRAME}.resume")
        await page.until(lambda: page.last(FRAME, "status") == "queued")
        await page.send(f"{FRAME}.resume")
        await page.until(lambda: "cannot be resumed" in (page.last(FRAME, "steering_problem") or ""))


async def test_a_single_job_is_held_put_back_and_ended_after_a_question(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    state = JobsState.get_full_name()
    with site.database.write() as session:
        row = session.exec(select(Job).where(Job.analysis_id == analysis_id)).one()
        row.kind, row.queue = "collect", "collect"
        row.payload = {"source": {"provider": "reddit", "query": {"subreddit": "selfhosted"}}}
        job = row.id

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, "?tab=jobs")
        await page.until(lambda: page.last(state, "loaded") is True)

        async def until(status: str) -> None:
            await page.until(lambda: [row["status"] for row in page.last(state, "rows")] == [status])

        await page.send(f"{state}.steer", job_id=job, move="pause")
        await until("paused")
        await page.send(f"{state}.steer", job_id=job, move="resume")
        await until("queued")
        await page.send(f"{state}.steer", job_id=job, move="retry")
        await page.until(lambda: "cannot retry" in (page.last(state, "steering_problem") or ""))
        await page.send(f"{state}.steer", job_id=job, move="cancel")
        await page.until(lambda: page.last(state, "asked_words") != "")
        assert [row["status"] for row in page.last(state, "rows")] == ["queued"], "it is asked first"
        await page.send(f"{state}.confirm")
        await until("cancelled")


async def test_items_come_fifty_at_a_time_with_the_filters_of_the_address(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=160)
    state = ItemsState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, "?tab=items&sentiment=negative")
        await page.until(lambda: page.last(state, "loaded") is True)

        rows = page.last(state, "rows")
        assert len(rows) == 50
        assert {row["sentiment"] for row in rows} == {"negative"}
        assert page.last(state, "count") == "54"

        following = page.last(state, "next_href")
        await _open(page, analysis_id, following[following.index("?") :])
        await page.until(lambda: len(page.last(state, "rows")) == 4)
        assert page.last(state, "next_href") == ""
        assert page.last(state, "newest_href").endswith("?tab=items&sentiment=negative")


async def test_items_of_a_young_analysis_show_as_soon_as_they_come(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    state = ItemsState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, "?tab=items")
        await page.until(lambda: page.last(state, "loaded") is True)
        assert page.last(state, "rows") in (None, [])

        with site.database.write() as session:
            _add_items(session, session.get_one(Analysis, analysis_id), 2)
        site.say(bus.analysis_channel(analysis_id), "{}")

        await page.until(lambda: len(page.last(state, "rows") or []) == 2)


async def test_going_on_to_another_analysis_forgets_the_last_one(site: Site) -> None:
    actor = person(site)
    first, second = _analysis(site, actor, items=3), _analysis(site, actor)
    charts = OverviewState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, first)
        await page.until(lambda: page.last(charts, "loaded") is True)
        before = len(page.updates)
        await _open(page, second)
        await page.until(lambda: page.last(charts, "days") == [])

        changes = [(update.get("delta") or {}).get(charts) or {} for update in page.updates[before:]]
        assert any(change.get("loaded_rx_state_") is False for change in changes)


@pytest.mark.parametrize("query", ["day=notaday", "topic=-1", "sentiment=sad", "cursor=zzz", "spam=perhaps"])
async def test_a_wrong_filter_in_the_address_is_said_in_a_sentence(site: Site, query: str) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=1)
    state = ItemsState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, f"?tab=items&{query}")
        await page.until(lambda: page.last(state, "problem") not in (None, ""))

        assert page.last(FRAME, "problem") in (None, "")


async def test_a_bar_leads_to_its_items_and_nothing_else_does(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=3)
    state = OverviewState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        await page.until(lambda: page.last(state, "loaded") is True)
        for bar, trace in ((7, 0), (-1, 0), (0, 9), (0, 3), (0, 0)):  # a tab's events are handled in their order
            await page.send(f"{state}.open_day", bar=bar, trace=trace)
        await page.until(lambda: page.redirects() != [])

        assert len(page.redirects()) == 1
        assert "day=2026-11-01" in page.redirects()[0]
        assert "sentiment=negative" in page.redirects()[0]


async def test_evidence_opens_with_the_quote_marked_in_its_item(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor, items=1, status=AnalysisStatus.COMPLETED)
    opportunity_id = _opportunity(site, actor, analysis_id)
    cards, drawer = OpportunitiesState.get_full_name(), EvidenceState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, "?tab=opportunities")
        await page.until(lambda: page.last(cards, "loaded") is True)
        assert [card["title"] for card in page.last(cards, "cards")] == ["Offline first"]

        await page.send(f"{drawer}.toggle", is_open=True, opportunity_id=opportunity_id)
        await page.until(lambda: page.last(drawer, "loaded") is True)
        (row,) = page.last(drawer, "for_it")
        assert (row["before"], row["quote"], row["after"]) == ("Comment number 0 about ", "sync", " and backup.")

        await page.send(f"{drawer}.toggle", is_open=False, opportunity_id=opportunity_id)
        await page.until(lambda: page.last(drawer, "opportunity_id") == "")


async def test_evidence_of_another_workspace_does_not_open(site: Site) -> None:
    victim, actor = person(site), person(site)
    opportunity_id = _opportunity(site, victim, _analysis(site, victim, items=1))
    own = _analysis(site, actor)
    drawer = EvidenceState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, own, "?tab=opportunities")
        await page.until(lambda: page.last(FRAME, "loaded") is True)
        await page.send(f"{drawer}.toggle", is_open=True, opportunity_id=opportunity_id)
        await page.until(lambda: page.last(drawer, "problem") not in (None, ""))

        assert "Comment number" not in page.text()


def _opportunity(site: Site, actor: Actor, analysis_id: str) -> str:
    with site.database.write() as session:
        item = session.exec(select(Item).where(Item.analysis_id == analysis_id)).one()
        found = Opportunity(
            workspace_id=actor.workspace_id,
            analysis_id=analysis_id,
            rank=0,
            title="Offline first",
            summary="",
            kind="request",
            score=82,
            score_low=76,
            score_high=88,
            confidence=0.7,
            engine="local",
            items=1,
            authors=1,
            threads=1,
        )
        session.add(found)
        session.flush()
        start = item.text.index("sync")
        session.add(
            Evidence(
                analysis_id=analysis_id,
                opportunity_id=found.id,
                item_id=item.id,
                position=0,
                quote="sync",
                start=start,
                end=start + 4,
                verified="verified",
            )
        )
        session.add(OpportunityItem(opportunity_id=found.id, item_id=item.id, position=0))
        return found.id


async def test_jobs_and_timeline_show_what_happens(site: Site) -> None:
    actor = person(site)
    analysis_id = _analysis(site, actor)
    jobs, timeline = JobsState.get_full_name(), TimelineState.get_full_name()

    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id, "?tab=jobs")
        await page.until(lambda: page.last(jobs, "loaded") is True)
        assert [job["kind"] for job in page.last(jobs, "rows")] == ["score"]

        await page.send(f"{timeline}.toggle")
        await page.until(lambda: page.last(timeline, "opened") is True)
        await page.send(f"{FRAME}.pause")
        await page.until(lambda: any("Paused" in line["message"] for line in page.last(timeline, "lines") or []))
        await page.send(f"{FRAME}.resume")
        await page.until(lambda: any("Resumed" in line["message"] for line in page.last(timeline, "lines")))

        sequences = [line["sequence"] for line in page.last(timeline, "lines")]
        assert sequences == sorted(set(sequences), reverse=True)


def test_every_state_of_the_page_is_watching() -> None:
    states = (AnalysisState, OverviewState, OpportunitiesState, EvidenceState, ItemsState, JobsState, TimelineState)

    assert all(issubclass(state, Watching) for state in states)
