"""The receipt replays items, spans and metrics up to the score. On both databases."""

from __future__ import annotations

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.errors import NotFound
from app.core.ids import new_id
from app.models import Analysis, Item, Opportunity
from app.services import receipts
from app.services.access import Actor
from app.services.pipeline.metric_rules import RULE_WORDS
from app.services.pipeline.opportunity_metrics import WEIGHTS
from app.services.reading import words
from tests.app.services.synthesised import synthesised


@pytest.fixture
def opportunity_id(database: Database, workspace_actor: Actor) -> str:
    synthesised(database, workspace_actor)
    with database.read() as session:
        return session.exec(select(Opportunity.id)).one()


def test_every_metric_has_its_rule_in_words():
    assert set(RULE_WORDS) == {name.replace("_", " ") for name in WEIGHTS}


def test_the_points_of_the_metrics_make_the_score(database: Database, workspace_actor: Actor, opportunity_id: str):
    with database.read() as session:
        found = receipts.receipt(session, workspace_actor, opportunity_id)
    assert sum(metric.points for metric in found.metrics) == pytest.approx(found.score, abs=0.55)
    assert found.verification.holds
    assert found.looked_at == 45
    assert len(found.items) == 30


def test_items_carry_their_spans_and_what_they_gave_evidence_for(
    database: Database, workspace_actor: Actor, opportunity_id: str
):
    with database.read() as session:
        found = receipts.receipt(session, workspace_actor, opportunity_id)
        for row in found.items:
            item = session.get_one(Item, row.item_id)
            for span in row.spans:
                assert words(item.title, item.text)[span.start : span.end] == span.quote
    # The sample repeats six sentences; each is quoted from one person alone.
    assert sum(len(row.spans) for row in found.items) == 6
    urgency = next(metric for metric in found.metrics if metric.name == "urgency")
    assert {row.item_id for row in found.items if "urgency" in row.metrics} == set(urgency.evidence)


def test_doubt_says_bias_and_what_would_change_the_verdict(
    database: Database, workspace_actor: Actor, opportunity_id: str
):
    with database.read() as session:
        found = receipts.receipt(session, workspace_actor, opportunity_id).doubt
    assert found.bias.startswith("100 % of its items come from r/selfhosted")
    assert found.mind.item_ids


def test_by_other_rules_nothing_is_said_of_the_verdict(database: Database, workspace_actor: Actor, opportunity_id: str):
    with database.write() as session:
        analysis = session.exec(select(Analysis)).one()
        analysis.versions = {**analysis.versions, "metrics": "0"}
        session.add(analysis)
    with database.read() as session:
        found = receipts.receipt(session, workspace_actor, opportunity_id)
    assert found.doubt.mind is None
    assert found.rules == "0"


def test_what_belongs_to_others_is_not_there(
    database: Database, workspace_actor: Actor, other_actor: Actor, opportunity_id: str
):
    with database.read() as session:
        for actor, identifier in (
            (other_actor, opportunity_id),
            (workspace_actor, new_id()),
            (workspace_actor, "nonsense"),
        ):
            with pytest.raises(NotFound):
                receipts.receipt(session, actor, identifier)
