"""The New page over a real socket: who may ask providers for an estimate."""

from __future__ import annotations

import pytest

from app.models import Role
from state.new import New
from tests.wire.client import Site, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

NEW = New.get_full_name()


@pytest.mark.parametrize(("role", "asks"), [(Role.EDITOR, True), (Role.VIEWER, False)])
async def test_only_who_may_start_an_analysis_asks_providers_for_an_estimate(
    site: Site, role: Role, *, asks: bool
) -> None:
    async with tab(site, session=site.session_of(person(site, role)), path="/new") as page:
        await page.send(f"{NEW}.load")
        await page.send(f"{NEW}.paste", form={"paste": "r/selfhosted"})
        await page.until(lambda: len(page.last(NEW, "chips") or []) == 1)
        await page.send(f"{NEW}.measure")
        if asks:
            await page.until(lambda: page.last(NEW, "estimating") is False and page.last(NEW, "estimate_problem"))
        await page.settle()
        assert (True in page.values(NEW, "estimating")) is asks
