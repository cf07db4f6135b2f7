"""Moving all that match: who does it may die on the way, and the page's state outlives that."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from app.core.db import Database
from app.core.paging import Page
from app.core.topic import Mode, Update
from app.models import OperatorRole
from app.services import operations, operations_jobs
from app.services.access import Actor
from app.services.operations import OperationsView
from app.services.operations_jobs import OperationsJob
from state import operations_bulk
from state.operations import OperationsState
from state.operations_bulk import NOT_DONE, SILENT_SECONDS, heard_of
from tests.state.signed_in import opened, sign_in


@pytest.fixture
def news(sqlite_database: Database, operator: Actor) -> Update[tuple[OperationsView, Page[OperationsJob]]]:
    """Give what the hub gives an open page."""
    with sqlite_database.read() as session:
        value = operations.view(session, operator), operations_jobs.jobs(session, operator, limit=10)
    return Update(value, Mode.LIVE, None)


@pytest.fixture
def operator(workspace_actor: Actor) -> Actor:
    return dataclasses.replace(workspace_actor, operator=OperatorRole.STEER)


def test_a_page_whose_process_died_on_the_way_says_so_and_takes_orders_again(sqlite_database: Database, news):
    page = opened(OperationsState, sign_in(sqlite_database))
    page.working, page.everything = "Cancelled: working through all that match", True
    page._heard_at = time.time() - SILENT_SECONDS - 1
    page._show(news)
    assert (page.working, page.everything, page.outcome, page.outcome_bad) == ("", False, NOT_DONE, True)
    assert "do it again" in NOT_DONE


def test_a_page_whose_process_was_heard_of_goes_on(sqlite_database: Database, news):
    page = opened(OperationsState, sign_in(sqlite_database))
    page.working, page._heard_at = "Cancelled: working through all that match", time.time() - 1
    page._show(news)
    assert (page.working, page.outcome) == ("Cancelled: working through all that match", "")


@pytest.mark.anyio
async def test_work_that_takes_long_is_heard_of_until_it_is_done(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations_bulk, "ALIVE_SECONDS", 0.01)
    enough = asyncio.Event()
    heard = []

    async def work() -> str:
        await enough.wait()
        return "done"

    async def say() -> None:
        heard.append(1)
        if len(heard) == 3:
            enough.set()

    assert await heard_of(work(), say) == "done"
    assert len(heard) == 3


@pytest.mark.anyio
async def test_work_goes_on_though_nobody_can_be_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(operations_bulk, "ALIVE_SECONDS", 0.01)
    enough = asyncio.Event()
    tried = []

    async def work() -> str:
        await enough.wait()
        return "done"

    async def say() -> None:
        tried.append(1)
        if len(tried) == 2:
            enough.set()
        raise ConnectionError("the store of page states is silent")

    assert await heard_of(work(), say) == "done"
    assert len(tried) == 2
