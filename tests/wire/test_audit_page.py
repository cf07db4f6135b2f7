"""The audit page, as a browser's socket sees it."""

from __future__ import annotations

import pytest

from app.models import Role
from app.services import audit
from app.services.access import Actor
from state.audit import PAGE_SIZE, Audit
from state.frame import Frame
from tests.wire.client import ON_LOAD, Site, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

PAGE = Audit.get_full_name()
FRAME = Frame.get_full_name()


def done(site: Site, actor: Actor, action: str, count: int) -> None:
    with site.database.write() as session:
        for number in range(count):
            audit.record(session, actor, action, "x", name=f"number {number}", secret="do-not-show-me")
            session.flush()


async def test_an_owner_pages_through_who_did_what(site: Site) -> None:
    actor = person(site)
    done(site, actor, "key:revoke", 2)
    done(site, actor, "import:delete", PAGE_SIZE)
    token = site.session_of(actor)
    async with tab(site, session=token, path="/audit") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: len(page.last(PAGE, "rows") or []) == PAGE_SIZE)
        rows = page.last(PAGE, "rows")
        assert (rows[0]["what"], rows[0]["who"]) == ("Deleted a file", actor.name)
        assert page.last(FRAME, "audits") is True
        older = page.last(PAGE, "older_href")
        assert older.startswith("/audit?cursor=")
        assert "do-not-show-me" not in page.text()
    async with tab(site, session=token, path=older) as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "rows")))
        assert "Revoked an API key" in {row["what"] for row in page.last(PAGE, "rows")}
        assert (page.last(PAGE, "older_href"), page.last(PAGE, "newest_href")) == ("", "/audit")
    async with tab(site, session=token, path="/audit?kind=key") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "rows")))
        assert {row["what"] for row in page.last(PAGE, "rows")} == {"Revoked an API key"}


async def test_an_empty_kind_and_a_strange_cursor_are_said(site: Site) -> None:
    actor = person(site)
    async with tab(site, session=site.session_of(actor), path="/audit?kind=question") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: page.last(PAGE, "loaded") is True)
        assert (page.last(PAGE, "rows"), page.last(PAGE, "problem")) == ([], "")
    async with tab(site, session=site.session_of(actor), path="/audit?cursor=strange") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "problem")))
        assert "start again" in page.last(PAGE, "problem")
        assert page.last(PAGE, "newest_href") == "/audit"


async def test_an_editor_reads_none_of_it_and_sees_no_door_to_it(site: Site) -> None:
    editor = person(site, Role.EDITOR)
    done(site, editor, "key:revoke", 1)
    async with tab(site, session=site.session_of(editor), path="/audit") as page:
        await page.send(ON_LOAD)
        await page.until(lambda: bool(page.last(PAGE, "problem")))
        assert "owner or admin" in page.last(PAGE, "problem")
        assert not page.last(PAGE, "rows")
        assert page.last(FRAME, "audits") is not True
