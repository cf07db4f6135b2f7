"""The page of queues and jobs, as a browser's socket sees it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from sqlmodel import select

from app.core.settings import settings
from app.models import Job, User
from app.services import steering
from state.operations import OperationsState
from state.operations_opened import OpenedJob
from state.operations_providers import ProvidersState
from tests import factories
from tests.wire.client import ON_LOAD, Site, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

PAGE = OperationsState.get_full_name()
OPENED = OpenedJob.get_full_name()
PROVIDERS = ProvidersState.get_full_name()
REDDIT = "asterism:breaker:reddit"


@pytest.fixture(autouse=True)
def _sandbox_named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Name a sandbox, so that the tests' own requests are accepted; nothing listens there."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    yield
    settings.cache_clear()


async def test_who_does_not_run_the_installation_sees_nothing_while_somebody_looks_who_does(site: Site) -> None:
    async with tab(site, session=site.session_token(), path="/operations") as operator:
        await operator.send(ON_LOAD)
        await operator.until(lambda: bool(operator.last(PAGE, "queues")))
        async with tab(site, session=site.session_of(person(site)), path="/operations") as stranger:
            await stranger.send(ON_LOAD)
            await stranger.until(lambda: bool(stranger.last(PAGE, "problem")))
            assert "those who run this Asterism" in stranger.last(PAGE, "problem")
            assert not stranger.last(PAGE, "queues")
            assert not stranger.last(PAGE, "workers")


async def test_who_runs_the_installation_no_longer_sees_no_more_of_it(site: Site) -> None:
    actor = person(site)
    _set_operator(site, actor.id, "read")
    async with tab(site, session=site.session_of(actor), path="/operations") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "queues")))
        _set_operator(site, actor.id, None)
        site.say("ops", "news")
        await page.until(lambda: bool(page.last(PAGE, "problem")))


async def test_all_that_match_are_counted_asked_for_and_done_also_off_the_page(site: Site) -> None:
    actor = person(site)
    _set_operator(site, actor.id, "steer")
    with site.database.write() as session:
        analyses = [factories.ask(session, actor).id for _ in range(3)]
    async with tab(site, session=site.session_of(actor), path="/operations?state=waiting&queue=collect") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "rows")))
        await page.send(f"{PAGE}.move_all", move="cancel")
        await page.send(f"{PAGE}.choose_everything")
        await page.send(f"{PAGE}.move", move="cancel")
        await page.until(lambda: page.last(PAGE, "asked") == "cancel")
        asked = page.last(PAGE, "asked_words")
        count = int(asked.split(" jobs")[0].rpartition(" ")[2])
        assert count >= len(analyses)
        assert "(waiting, queue collect)" in asked
        assert _statuses(site, analyses) == {"queued"}, "nothing is done before it is confirmed"
        await page.send(f"{PAGE}.move", move="cancel")
        await page.until(lambda: bool(page.last(PAGE, "outcome")))
        assert page.last(PAGE, "outcome").startswith(f"Cancelled: {count} jobs of {count} that matched.")
        await page.until(lambda: page.last(PAGE, "working") == "" and page.last(PAGE, "everything") is False)
    assert _statuses(site, analyses) == {"cancelled"}


async def test_who_only_looks_steers_nothing_by_filter_and_closes_no_breaker(site: Site) -> None:
    actor = person(site)
    _set_operator(site, actor.id, "read")
    with site.database.write() as session:
        analyses = [factories.ask(session, actor).id]
    with redis.from_url(site.bus_url) as server, _reddit_left_alone(server):
        async with tab(site, session=site.session_of(actor), path="/operations") as page:
            await page.send(ON_LOAD)
            site.say("ops", "news")
            await page.until(lambda: bool(page.last(PAGE, "queues")))
            await page.until(lambda: _reddit(page.last(PROVIDERS, "rows")).get("state") == "open")
            await page.send(f"{PAGE}.choose_everything")
            await page.send(f"{PAGE}.move", move="cancel")
            await page.until(lambda: "those who run this Asterism" in (page.last(PAGE, "outcome") or ""))
            await page.send(f"{PROVIDERS}.ask", provider="reddit")
            await page.send(f"{PROVIDERS}.close")
            await page.until(lambda: "those who run this Asterism" in (page.last(PROVIDERS, "outcome") or ""))
        assert server.exists(REDDIT)
    assert _statuses(site, analyses) == {"queued"}


async def test_the_story_of_an_open_job_goes_on_while_one_reads(site: Site) -> None:
    actor = person(site)
    _set_operator(site, actor.id, "steer")
    with site.database.write() as session:
        analysis = factories.ask(session, actor)
        session.flush()
        job_id = session.exec(select(Job.id).where(Job.analysis_id == analysis.id)).one()
    async with tab(site, session=site.session_of(actor), path="/operations") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "rows")))
        await page.send(f"{OPENED}.toggle", job_id=job_id)
        await page.until(lambda: page.last(OPENED, "id") == job_id)
        assert page.last(OPENED, "status") == "queued"
        with site.database.write() as session:
            steering.steer(session, actor, job_id, steering.Steer.PAUSE)
        site.say("ops", "news")
        await page.until(lambda: page.last(OPENED, "status") == "paused")
        assert page.last(OPENED, "lines")[-1]["message"].endswith("paused by Ada.")
        await page.send(f"{OPENED}.toggle", job_id=job_id)
        await page.until(lambda: page.last(OPENED, "id") == "")


async def test_a_provider_that_is_left_alone_says_until_when_and_why_and_is_asked_again_after_a_question(
    site: Site,
) -> None:
    with redis.from_url(site.bus_url) as server, _reddit_left_alone(server):
        async with tab(site, session=site.session_token(), path="/operations") as page:
            await page.send(ON_LOAD)
            site.say("ops", "news")  # all tabs share one reading, which may be a second old
            await page.until(lambda: _reddit(page.last(PROVIDERS, "rows")).get("state") == "open")
            shown = _reddit(page.last(PROVIDERS, "rows"))
            assert shown["why"] == "Reddit answers with an error (503)."
            assert shown["until"].endswith("Z")
            await page.send(f"{PROVIDERS}.close")
            await page.settle()
            assert server.exists(REDDIT), "nothing is done before it is asked for"
            await page.send(f"{PROVIDERS}.ask", provider="reddit")
            await page.send(f"{PROVIDERS}.close")
            await page.until(lambda: _reddit(page.last(PROVIDERS, "rows"))["state"] == "closed")
            assert page.last(PROVIDERS, "outcome") == "Reddit is asked again from now on."
        assert not server.exists(REDDIT)


def _reddit(rows: list[dict[str, str]] | None) -> dict[str, str]:
    return next((row for row in rows or [] if row["id"] == "reddit"), {})


@contextmanager
def _reddit_left_alone(server: redis.Redis) -> Iterator[None]:
    values = {"open_until": time.time() + 600, "why": "Reddit answers with an error (503)."}
    server.hset(REDDIT, mapping=values)
    try:
        yield
    finally:
        server.delete(REDDIT)


def _statuses(site: Site, analyses: list[str]) -> set[str]:
    with site.database.read() as session:
        return set(session.exec(select(Job.status).where(Job.analysis_id.in_(analyses))).all())


def _set_operator(site: Site, user_id: str, role: str | None) -> None:
    with site.database.write() as session:
        user = session.exec(select(User).where(User.id == user_id)).one()
        user.operator = role
        session.add(user)
