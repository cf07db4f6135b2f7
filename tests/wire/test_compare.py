"""The pages that compare and ask again, as a browser's socket sees them."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.settings import settings
from state.compare import CompareState, CompareWithState
from state.new import New
from tests.app.services.synthesised import synthesised
from tests.wire.client import ON_LOAD, Site, Tab, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

COMPARE, WITH, NEW = (kind.get_full_name() for kind in (CompareState, CompareWithState, New))


@pytest.fixture(autouse=True)
def sandbox_named(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a sandbox to this process too, so that requests are accepted; nothing listens there."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()


async def test_a_comparison_is_shown_to_its_workspace_alone(site: Site) -> None:
    actor, other = person(site), person(site)
    before, after = synthesised(site.database, actor), synthesised(site.database, actor, count=60)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, f"/compare/{before}/{after}", show="new")
        await page.until(lambda: bool(page.last(COMPARE, "changed")))
        assert page.last(COMPARE, "shown")["sentences"][0].startswith("15 new items")
        assert "Why: the talk (15 items" in page.last(COMPARE, "shown")["summary"][1]
        assert len(page.last(COMPARE, "changed")) == 15
        await _open(page, f"/compare/{after}")
        await page.until(lambda: page.last(WITH, "loaded") is True)
        assert [row["href"] for row in page.last(WITH, "rows")] == [f"/compare/{before}/{after}"]
    async with tab(site, session=site.session_of(other)) as page:
        await _open(page, f"/compare/{before}/{after}")
        await page.until(lambda: bool(page.last(COMPARE, "problem")))
        assert not (page.last(COMPARE, "shown") or {}).get("sentences")


async def test_the_form_is_filled_with_what_is_asked_again(site: Site) -> None:
    actor = person(site)
    first = synthesised(site.database, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, "/new", again=first)
        await page.until(lambda: page.last(NEW, "again") == first)
        assert page.last(NEW, "question") == "What do people wish for?"
        assert page.last(NEW, "when") == "again-now"
        assert [chip["name"] for chip in page.last(NEW, "chips")] == ["r/selfhosted"]


async def _open(page: Tab, path: str, **query: str) -> None:
    page.path = path
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    router = {"pathname": path, "asPath": path + (f"?{asked}" if asked else ""), "query": query}
    await page.send_raw({"name": ON_LOAD, "payload": {}, "router_data": router})
