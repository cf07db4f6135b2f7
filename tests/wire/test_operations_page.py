"""The page of queues and jobs, as a browser's socket sees it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.models import User
from state.operations import OperationsState
from tests.wire.client import ON_LOAD, Site, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

PAGE = OperationsState.get_full_name()


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


def _set_operator(site: Site, user_id: str, role: str | None) -> None:
    with site.database.write() as session:
        user = session.exec(select(User).where(User.id == user_id)).one()
        user.operator = role
        session.add(user)
