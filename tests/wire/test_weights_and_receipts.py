"""The pages of weights and of a receipt, as a browser's socket sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import select

from app.core.settings import settings
from app.models import Opportunity
from state.receipt import ReceiptState
from state.weights import WeightsState
from tests.app.services.synthesised import synthesised
from tests.wire.client import ON_LOAD, Site, Tab, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

WEIGHTS = WeightsState.get_full_name()
RECEIPT = ReceiptState.get_full_name()


@pytest.fixture(autouse=True)
def sandbox_named(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a sandbox to this process too, so that requests are accepted; nothing listens there."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()


async def test_another_weight_answers_with_another_ranking_and_address(site: Site) -> None:
    actor = person(site)
    analysis_id = synthesised(site.database, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, f"/analyses/{analysis_id}/weights", "?urgency=7")
        await page.until(lambda: page.last(WEIGHTS, "loaded") is True)
        assert {row["name"]: row["weight"] for row in page.last(WEIGHTS, "sliders")}["urgency"] == 7
        (before,) = page.last(WEIGHTS, "rows")

        await page.send(f"{WEIGHTS}.weigh", name="frequency", value=0)
        await page.until(lambda: page.redirects() != [])

        assert page.redirects() == [f"/analyses/{analysis_id}/weights?frequency=0&urgency=7"]
        (after,) = page.last(WEIGHTS, "rows")
        assert int(after["score"]) < int(before["score"])


async def test_our_weights_are_not_gone_back_to_where_they_are_shown(site: Site) -> None:
    actor = person(site)
    analysis_id = synthesised(site.database, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, f"/analyses/{analysis_id}/weights")
        await page.until(lambda: page.last(WEIGHTS, "loaded") is True)
        await page.send(f"{WEIGHTS}.reset_weights")
        await page.send(f"{WEIGHTS}.weigh", name="frequency", value=0)
        zero = f"/analyses/{analysis_id}/weights?frequency=0"
        await page.until(lambda: zero in page.redirects())
        assert page.redirects() == [zero]


async def test_a_receipt_is_shown_to_its_workspace_alone(site: Site) -> None:
    actor, other = person(site), person(site)
    synthesised(site.database, actor)
    with site.database.read() as session:
        found = session.exec(select(Opportunity).where(Opportunity.workspace_id == actor.workspace_id)).one()
    for reader, title in ((actor, found.title), (other, "")):
        async with tab(site, session=site.session_of(reader)) as page:
            await _open(page, f"/receipts/{found.id}")
            await page.until(lambda page=page: page.last(RECEIPT, "loaded") is True)
            assert (page.last(RECEIPT, "shown") or {}).get("title", "") == title
            assert bool(page.last(RECEIPT, "problem")) is (title == "")


async def _open(page: Tab, path: str, query: str = "") -> None:
    page.path = path
    router = {"pathname": path, "asPath": path + query, "query": {}}
    await page.send_raw({"name": ON_LOAD, "payload": {}, "router_data": router})
