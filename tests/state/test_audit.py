"""The words and doors of the audit page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.core.clock import rfc3339
from app.core.db import Database
from app.services.audit_trail import AuditRow
from state.audit import Audit, act, address
from tests.state.signed_in import opened, sign_in

ROW = AuditRow(
    id="1",
    number=7,
    at=datetime(2026, 11, 22, 12, tzinfo=UTC),
    action="job:cancel",
    what="Cancelled a job",
    who="Ada",
    actor="user:1",
    operator=True,
    subject="2",
    on="Collect r/selfhosted: What is missing?",
    analysis_id="3",
    detail="",
)


def test_an_act_leads_to_what_it_was_done_to():
    assert act(ROW).href == "/analyses/3?tab=jobs"
    assert act(ROW.model_copy(update={"action": "analysis:pause"})).href == "/analyses/3"
    assert act(ROW.model_copy(update={"analysis_id": None})).href == ""
    assert act(ROW).at == rfc3339(ROW.at)


def test_a_page_of_the_list_has_an_address():
    assert address("") == "/audit"
    assert address("key", "a=b") == "/audit?kind=key&cursor=a%3Db"


@pytest.mark.anyio
async def test_the_trail_is_verified_on_asking(sqlite_database: Database):
    page = opened(Audit, sign_in(sqlite_database))
    assert [part async for part in page.verify()] == [None]
    assert (page.is_broken, page.verifying) == (False, False)
    assert page.verdict.startswith("Unbroken: 1 act")
    with sqlite_database.write() as session:
        session.connection().exec_driver_sql("DROP TRIGGER audit_event_update")
        session.connection().exec_driver_sql("UPDATE audit_event SET subject = 'x'")
    assert [part async for part in page.verify()] == [None]
    assert page.is_broken
    assert "Act 1 is not as it was written" in page.verdict
