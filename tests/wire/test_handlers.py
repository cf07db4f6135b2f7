"""Every registered handler, called by a stranger and by the owner of another workspace."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import func
from sqlmodel import SQLModel, select

from app.core import clock
from app.models import Analysis, AnalysisStatus, Item, Job, Member, Role, User, Workspace
from app.services.access import Actor, ActorKind
from app.services.contract import AnalysisRequest, SourceRequest
from tests.wire.client import CHECKOUT, ON_LOAD, ROOT, Site, Tab, tab
from tests.wire.handlers import PLACE_OF_ID

pytestmark = pytest.mark.anyio

CANARY = "canary-5f1c"
"""A word in everything that belongs to the attacked workspace; whoever receives it has seen too much."""


@pytest.fixture(scope="module")
def handlers() -> dict[str, dict[str, Any]]:
    """List the handlers of the application as it starts."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.wire.handlers"],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-2000:]
    found: dict[str, dict[str, Any]] = json.loads(answer.stdout)
    return found


def _of_sessions(handlers: dict[str, dict[str, Any]], analysis: Analysis) -> dict[str, dict[str, Any]]:
    """Return the handlers that need a session, with arguments that name what is another's wherever a text fits."""
    return {
        name: json.loads(json.dumps(found["arguments"]).replace(PLACE_OF_ID, analysis.id))
        for name, found in handlers.items()
        if found["ours"] and not found["anonymous"]
    }


@contextmanager
def _attacked(site: Site) -> Iterator[tuple[Actor, Analysis]]:
    """Put a workspace with a finished analysis into the database."""
    workspace, user = Workspace(name=CANARY), User(name=CANARY)
    request = AnalysisRequest(
        question=f"What of {CANARY}?", sources=[SourceRequest(provider="reddit", query={"subreddit": "selfhosted"})]
    )
    analysis = Analysis(
        workspace_id=workspace.id,
        requested_by="system",
        status=AnalysisStatus.COMPLETED,
        question=request.question,
        request=request.model_dump(mode="json"),
        cap_micros=500_000,
        finished_at=clock.now(),
    )
    job = Job(
        workspace_id=workspace.id,
        analysis_id=analysis.id,
        kind="collect",
        queue="fetch",
        dedupe_key=analysis.id,
        run_after=clock.now(),
        status="succeeded",
    )
    item = Item(
        workspace_id=workspace.id,
        analysis_id=analysis.id,
        job_id=job.id,
        provider="reddit",
        external_id="t3_1",
        kind="post",
        thread_external_id="t3_1",
        community=CANARY,
        text=CANARY,
        permalink="https://example.invalid/1",
        content_sha256="0",
        posted_at=clock.now(),
    )
    with site.database.write() as session:
        for rows in ([workspace, user], [Member(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER)]):
            session.add_all(rows)
            session.flush()
        for row in (analysis, job, item):
            session.add(row)
            session.flush()
    yield Actor(ActorKind.USER, user.id, workspace.id, Role.OWNER, user.name), analysis


def _rows(site: Site, workspace_id: str) -> dict[str, object]:
    """Return all that is stored of a workspace."""
    with site.database.read() as session:
        return {
            table.name: [
                tuple(row)
                for row in session.connection().execute(select(table).where(table.c.workspace_id == workspace_id))
            ]
            for table in SQLModel.metadata.sorted_tables
            if "workspace_id" in table.c and table.name != "login_session"
        }


def _counts(site: Site) -> dict[str, int]:
    with site.database.read() as session:
        return {
            table.name: session.connection().execute(select(func.count()).select_from(table)).scalar_one()
            for table in SQLModel.metadata.sorted_tables
        }


async def test_a_stranger_is_led_to_sign_in_by_every_handler(site: Site, handlers: dict[str, dict[str, Any]]) -> None:
    with _attacked(site) as (_, analysis):
        calls = _of_sessions(handlers, analysis)
        assert calls, "no handler is registered with the gate"
        before = _counts(site)
        async with tab(site, path="/") as stranger:
            for name, arguments in calls.items():
                await stranger.send(name, **arguments)
            await stranger.until(lambda: len(stranger.redirects()) >= len(calls))
            assert set(stranger.redirects()) == {"/sign-in"}
            assert CANARY not in stranger.text()
        assert _counts(site) == before


async def test_handlers_that_are_not_ours_do_nothing_for_anybody(
    site: Site, handlers: dict[str, dict[str, Any]]
) -> None:
    names = [name for name, found in handlers.items() if not found["ours"] and not found["internal"]]
    assert f"{ROOT}.setvar" in names
    token = site.session_token()
    before = _counts(site)
    async with tab(site, session=token, path="/sign-in") as page:
        await page.settle()
        seen = len(page.updates)
        for name in names:
            await page.send(name, var_name="is_hydrated", value=True, vars={}, info="", component_stack="")
        await page.settle()
        assert len(page.updates) == seen + 1, "only the settling hydration answers"
    assert _counts(site) == before


async def test_another_workspace_sees_and_changes_nothing(site: Site, handlers: dict[str, dict[str, Any]]) -> None:
    with _attacked(site) as (owner, analysis):
        before = _rows(site, owner.workspace_id)
        async with tab(site, session=site.session_token()) as page:
            await _call_everything(page, handlers, analysis)
            assert CANARY not in page.text()
        assert _rows(site, owner.workspace_id) == before


async def test_its_owner_does_see_it(site: Site, handlers: dict[str, dict[str, Any]]) -> None:
    """Show that the tests above look where the words would be."""
    with _attacked(site) as (owner, analysis):
        async with tab(site, session=site.session_of(owner)) as page:
            await _call_everything(page, handlers, analysis)
            await page.until(lambda: f"What of {CANARY}?" in page.text())


async def test_every_handler_of_ours_is_registered_with_the_gate(handlers: dict[str, dict[str, Any]]) -> None:
    forgotten = [
        name
        for name, found in handlers.items()
        if not (found["ours"] or found["internal"] or found["framework"] or name.endswith(".setvar"))
    ]
    assert forgotten == [], "decorate it with state.gate.event, or start its name with an underscore"


async def _call_everything(page: Tab, handlers: dict[str, dict[str, Any]], analysis: Analysis) -> None:
    for path in (f"/analyses/{analysis.id}", "/", "/new"):
        page.path, page.query = path, {"analysis_id": analysis.id}
        await page.send(ON_LOAD)
        for name, arguments in _of_sessions(handlers, analysis).items():
            await page.send(name, **arguments)
        await page.settle()
