"""What the stage stores: the opportunities with exactly the items that speak for them. On both databases."""

from __future__ import annotations

from sqlmodel import select

from app.core.db import Database
from app.models import Evidence, Opportunity, OpportunityItem
from app.services import items
from app.services.access import Actor
from app.services.items import ItemFilters
from tests.app.services.synthesised import run, synthesised


def test_the_count_of_an_opportunity_leads_to_exactly_those_items(database: Database, workspace_actor: Actor):
    analysis_id = synthesised(database, workspace_actor)
    with database.read() as session:
        (found,) = session.exec(select(Opportunity).where(Opportunity.analysis_id == analysis_id)).all()
        stored = session.exec(select(OpportunityItem).where(OpportunityItem.opportunity_id == found.id)).all()
        filters = ItemFilters(opportunity=found.id)
        shown = items.page(session, workspace_actor, analysis_id, filters, limit=100).rows
        quoted = session.exec(
            select(Evidence.item_id).where(Evidence.opportunity_id == found.id, Evidence.against == False)  # noqa: E712
        ).all()

        assert found.items == len(stored) == items.count(session, workspace_actor, analysis_id, filters) == 30
        assert {row.id for row in shown} == {row.item_id for row in stored}
        assert sorted(row.position for row in stored) == list(range(30))
        assert set(quoted) < {row.id for row in shown}


def test_a_second_run_of_the_stage_replaces_the_first(database: Database, workspace_actor: Actor):
    analysis_id = synthesised(database, workspace_actor)
    run(database, analysis_id)
    with database.read() as session:
        assert len(session.exec(select(Opportunity)).all()) == 1
        assert len(session.exec(select(OpportunityItem)).all()) == 30
