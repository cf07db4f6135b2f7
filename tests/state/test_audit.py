"""The words and doors of the audit page."""

from __future__ import annotations

from datetime import UTC, datetime

from app.core.clock import rfc3339
from app.services.audit_trail import AuditRow
from state.audit import act, address

ROW = AuditRow(
    id="1",
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
