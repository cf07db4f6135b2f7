"""The banner of an analysis that waits for a choice about its cost, as its browser's socket sees it."""

from __future__ import annotations

import pytest

from app.core import clock
from app.models import Analysis, AnalysisStatus, Role
from app.services.access import Actor
from app.services.contract import ChoiceOption, ChoiceView
from state.analysis import AnalysisState
from tests import factories
from tests.wire.client import ON_LOAD, Site, Tab, tab
from tests.wire.people import person

pytestmark = pytest.mark.anyio

FRAME = AnalysisState.get_full_name()


def _waiting(site: Site, actor: Actor) -> str:
    """Return the id of an analysis that reached its cap."""
    request = factories.wanted("selfhosted")
    asked = ChoiceView(
        why="cap",
        asked_at=clock.now(),
        next_micros=30_000,
        spent_micros=0,
        cap_micros=20_000,
        options=[
            ChoiceOption(choice="go_on", likely_micros=6_300, most_micros=20_000, needs_higher_cap=True),
            ChoiceOption(choice="stop", likely_micros=0, most_micros=0),
        ],
    )
    analysis = Analysis(
        workspace_id=actor.workspace_id,
        requested_by=actor.reference,
        status=AnalysisStatus.NEEDS_CHOICE,
        question=request.question,
        request=request.model_dump(mode="json"),
        cap_micros=20_000,
        stage="report",
        choice={"asked": asked.model_dump(mode="json")},
    )
    with site.database.write() as session:
        session.add(analysis)
        session.flush()
        return analysis.id


async def _open(page: Tab, analysis_id: str) -> None:
    page.path = f"/analyses/{analysis_id}"
    await page.send_raw(
        {"name": ON_LOAD, "payload": {}, "router_data": {"pathname": page.path, "asPath": page.path, "query": {}}}
    )
    await page.until(lambda: page.last(FRAME, "loaded") is True)


async def test_the_cap_can_be_raised_from_the_banner(site: Site) -> None:
    actor = person(site)
    analysis_id = _waiting(site, actor)
    async with tab(site, session=site.session_of(actor)) as page:
        await _open(page, analysis_id)
        assert "more than the cap leaves" in page.last(FRAME, "choice_asked")
        assert [one["choice"] for one in page.last(FRAME, "choice_options")] == ["go_on", "stop"]
        assert page.last(FRAME, "choice_cap") == "0.04"

        await page.send(f"{FRAME}.choose", choice="go_on")
        await page.until(lambda: "give a higher cap" in (page.last(FRAME, "steering_problem") or ""))
        await page.send(f"{FRAME}.raise_cap", form={"cap": "0.01"})
        await page.until(lambda: "must be above $0.02" in (page.last(FRAME, "choice_problem") or ""))
        await page.send(f"{FRAME}.raise_cap", form={"cap": "$1"})
        await page.until(lambda: page.last(FRAME, "choice_asked") == "")
    with site.database.read() as session:
        row = session.get_one(Analysis, analysis_id)
        assert row.cap_micros == 1_000_000
        assert row.status != AnalysisStatus.NEEDS_CHOICE


async def test_only_who_may_steer_chooses(site: Site) -> None:
    viewer = person(site, role=Role.VIEWER)
    analysis_id = _waiting(site, viewer)
    async with tab(site, session=site.session_of(viewer)) as page:
        await _open(page, analysis_id)
        assert "viewer" in page.last(FRAME, "steering_refused")
        await page.send(f"{FRAME}.choose", choice="stop")
        await page.until(lambda: "viewer" in (page.last(FRAME, "steering_problem") or ""))
    with site.database.read() as session:
        assert session.get_one(Analysis, analysis_id).status == AnalysisStatus.NEEDS_CHOICE
