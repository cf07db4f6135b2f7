"""A result that nobody touched holds; each thing that somebody touched is named. On both databases."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from app.core.db import Database
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models import Analysis, Evidence, Item, Opportunity, OpportunityItem
from app.services import verification
from app.services.access import Actor
from app.services.pipeline.opportunity_metrics import RULES
from tests.app.services.synthesised import run, seed, synthesised
from tests.factories import ask


def words(session: Session) -> None:
    item = session.get_one(Item, session.exec(select(OpportunityItem.item_id)).first())
    item.text += " And more."
    session.add(item)


def quote(session: Session) -> None:
    evidence = session.exec(select(Evidence)).first()
    evidence.quote = evidence.quote.replace("e", "a", 1)
    session.add(evidence)


def span(session: Session) -> None:
    evidence = session.exec(select(Evidence)).first()
    evidence.start += 1
    evidence.end += 1
    session.add(evidence)


def supporter(session: Session) -> None:
    session.delete(session.exec(select(OpportunityItem).where(OpportunityItem.position == 29)).one())


def score(session: Session) -> None:
    row = session.exec(select(Opportunity)).one()
    row.score += 1
    session.add(row)


def metric(session: Session) -> None:
    row = session.exec(select(Opportunity)).one()
    row.metrics = {**row.metrics, "urgency": {**row.metrics["urgency"], "value": 0.99}}
    session.add(row)


def caution(session: Session) -> None:
    row = session.exec(select(Opportunity)).one()
    item_id = session.exec(select(OpportunityItem.item_id)).first()
    quote = {"item_id": item_id, "quote": "Nobody said it.", "start": 0, "end": 15}
    row.anti_patterns = [{"name": "saturated", "why": "plenty", "items": 2, "quotes": [quote]}]
    session.add(row)


def metric_evidence(session: Session) -> None:
    row = session.exec(select(Opportunity)).one()
    row.metrics = {**row.metrics, "urgency": {**row.metrics["urgency"], "evidence": []}}
    session.add(row)


@pytest.fixture
def analysis_id(database: Database, workspace_actor: Actor) -> str:
    return synthesised(database, workspace_actor)


def checked(database: Database, actor: Actor, identifier: str):
    with database.read() as session:
        return verification.verify(session, actor, identifier)


def test_a_result_that_nobody_touched_holds(database: Database, workspace_actor: Actor, analysis_id: str):
    found = checked(database, workspace_actor, analysis_id)
    assert (found.holds, found.faults) == (True, [])
    assert (found.opportunities, found.scores) == (1, 1)
    assert found.quotes >= 8
    assert found.items > 30  # those that speak for it, and those quoted against it


@pytest.mark.parametrize(
    ("touch", "said"),
    [
        (words, "their hash differs"),
        (quote, "does not stand in its words"),
        (span, "does not stand in its words"),
        (supporter, "30 items; 29 are stored"),
        (score, "as its score"),
        (caution, "quote for caution"),
        (metric, "0.99 for urgency"),
        (metric_evidence, "other items for urgency"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_somebody_touched_is_named(database: Database, workspace_actor: Actor, analysis_id: str, touch, said):
    with database.write() as session:
        touch(session)
    found = checked(database, workspace_actor, analysis_id)
    assert not found.holds
    assert any(said in fault.message for fault in found.faults), found.faults


def test_scores_by_other_rules_are_not_judged(database: Database, workspace_actor: Actor, analysis_id: str):
    with database.write() as session:
        score(session)
        analysis = session.get_one(Analysis, analysis_id)
        analysis.versions = {**analysis.versions, "metrics": "0"}
        session.add(analysis)
    found = checked(database, workspace_actor, analysis_id)
    assert (found.holds, found.scores) == (True, 0)


def test_one_opportunity_is_checked_by_its_id(database: Database, workspace_actor: Actor, analysis_id: str):
    with database.read() as session:
        opportunity_id = session.exec(select(Opportunity.id)).one()
    assert checked(database, workspace_actor, opportunity_id).analysis_id == analysis_id


def test_what_belongs_to_others_is_not_there(
    database: Database, workspace_actor: Actor, other_actor: Actor, analysis_id: str
):
    with database.read() as session:
        opportunity_id = session.exec(select(Opportunity.id)).one()
    for identifier in (analysis_id, opportunity_id):
        with pytest.raises(NotFound):
            checked(database, other_actor, identifier)
    for identifier in (new_id(), "nonsense"):
        with pytest.raises(NotFound):
            checked(database, workspace_actor, identifier)


def test_what_was_asked_before_an_upgrade_and_scored_after_it_is_of_the_rules_that_scored_it(
    database: Database, workspace_actor: Actor
):
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        analysis.versions = {**analysis.versions, "metrics": "2", "engine": "local-1"}
        seed(session, analysis)
        analysis_id = analysis.id
    run(database, analysis_id)
    with database.read() as session:
        assert session.get_one(Analysis, analysis_id).versions["metrics"] == RULES
        found = verification.verify(session, workspace_actor, analysis_id)
    assert (found.holds, found.scores) == (True, 1)
