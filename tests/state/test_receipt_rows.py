from __future__ import annotations

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.settings import settings
from app.models import Analysis, Evidence, Opportunity
from app.services import receipts
from app.services.access import Actor
from state import analysis_evidence, weights
from state.receipt_rows import FIRST_ITEMS, MAX_ITEMS, receipt
from tests.app.services.synthesised import synthesised


@pytest.fixture
def opportunity_id(sqlite_database: Database, owner: Actor) -> str:
    synthesised(sqlite_database, owner, count=180)
    with sqlite_database.read() as session:
        return session.exec(select(Opportunity.id)).one()


@pytest.fixture
def owner(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> Actor:
    from app.services import sessions

    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with sqlite_database.write() as session:
        return sessions.local_owner(session)


def shown(database: Database, actor: Actor, opportunity_id: str):
    with database.read() as session:
        return receipt(receipts.receipt(session, actor, opportunity_id))


def test_a_receipt_goes_from_items_to_the_score(sqlite_database: Database, owner: Actor, opportunity_id: str) -> None:
    page = shown(sqlite_database, owner, opportunity_id)

    assert page.items_words == "120 of 180 scored items speak for it"
    assert len(page.voices) == FIRST_ITEMS
    assert len(page.voices) + len(page.more_voices) == MAX_ITEMS
    assert page.more_words == "Show all 100"
    assert page.left_out == "20 more stand behind the number above."
    assert page.voices[0].spans
    assert page.voices[0].opening == ""
    assert all(voice.spans or voice.opening for voice in [*page.voices, *page.more_voices])
    assert any(voice.opening for voice in page.voices)
    for metric in page.metrics:
        value, weight = metric.value.rpartition("= ")[2], metric.weight.partition(" %")[0]
        assert float(value) * float(weight) == pytest.approx(float(metric.points), abs=0.01)
    assert abs(sum(float(metric.weight.partition(" %")[0]) for metric in page.metrics) - 100) < 0.06
    assert any("(of " in metric.weight for metric in page.metrics)
    assert f" points make a score of {page.score}." in page.total
    assert page.total.startswith(f"{sum(float(metric.points) for metric in page.metrics):.2f} points")
    assert (page.holds, page.faults) == (True, [])
    assert page.checked.endswith("and the score made again.")
    assert page.mind.startswith("Worth a look, and firm: ")
    assert page.mind_voices == []


@pytest.mark.parametrize(("rules", "sure"), [("1", False), ("2", False), ("3", True)])
def test_a_receipt_says_of_a_range_by_older_rules_only_what_it_is(
    sqlite_database: Database, owner: Actor, opportunity_id: str, rules: str, sure: bool
) -> None:
    with sqlite_database.read() as session:
        view = receipts.receipt(session, owner, opportunity_id)
    interval = receipt(view.model_copy(update={"rules": rules})).interval
    assert ("with 90 % certainty" in interval) is sure
    assert ("by older rules" in interval) is not sure


def test_a_receipt_that_does_not_hold_says_what(sqlite_database: Database, owner: Actor, opportunity_id: str) -> None:
    with sqlite_database.write() as session:
        evidence = session.exec(select(Evidence)).first()
        evidence.quote = "Forged."
        session.add(evidence)

    page = shown(sqlite_database, owner, opportunity_id)

    assert not page.holds
    assert "does not stand in its words" in page.faults[0]


def test_the_items_that_would_change_the_verdict_can_be_seen(sqlite_database: Database, owner: Actor) -> None:
    synthesised(sqlite_database, owner)
    with sqlite_database.read() as session:
        view = receipts.receipt(session, owner, session.exec(select(Opportunity.id)).one())
    page = receipt(view)
    assert view.doubt
    assert view.doubt.mind
    assert view.doubt.mind.item_ids
    assert {voice.id for voice in page.mind_voices} == set(view.doubt.mind.item_ids)
    assert page.mind_words == f"Show these {len(page.mind_voices)} items"


def test_the_drawer_holds_what_would_change_the_verdict_and_the_page_of_weights_whose_they_are(
    sqlite_database: Database, owner: Actor
) -> None:
    synthesised(sqlite_database, owner)
    with sqlite_database.read() as session:
        row = session.exec(select(Opportunity)).one()
        drawer = analysis_evidence._evidence(session, owner, row.analysis_id, row.id)
        doubt = receipts.doubt(session, owner, row.analysis_id, row.id)
        found, question, sample = weights._read(session, owner, row.analysis_id)
        analysis = session.get_one(Analysis, row.analysis_id)
    assert doubt
    assert doubt.mind
    assert [each.item_id for each in drawer["mind_rows"]] == doubt.mind.item_ids
    assert all(each.clip for each in drawer["mind_rows"])
    assert (drawer["doubt"], drawer["mind"]) == (doubt.bias, doubt.mind.sentence)
    assert set(drawer) <= set(analysis_evidence.EvidenceState.base_vars)
    assert ([each.id for each in found], question, sample) == ([row.id], analysis.question, analysis.sample)
