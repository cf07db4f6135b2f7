"""The first analysis of a new installation: asked for by the program, once."""

from __future__ import annotations

from sqlmodel import select

from app.core.db import Database
from app.models import Analysis
from app.services import audit_trail, samples
from app.services.access import Actor


def test_the_first_analysis_is_the_act_of_the_program_and_not_of_its_owner(
    database: Database, workspace_actor: Actor
) -> None:
    with database.write() as session:
        asked = samples.first_analysis(session, workspace_actor)
    assert asked is not None

    with database.read() as session:
        (act,) = audit_trail.rows(session, workspace_actor).rows
        analysis = session.exec(select(Analysis)).one()
    assert (act.what, act.who, act.analysis_id) == ("Started an analysis", "Asterism, first start", asked)
    assert (act.actor, analysis.requested_by) == ("system:first-start",) * 2
    assert analysis.workspace_id == workspace_actor.workspace_id


def test_it_is_asked_for_once(database: Database, workspace_actor: Actor) -> None:
    with database.write() as session:
        assert samples.first_analysis(session, workspace_actor) is not None
    with database.write() as session:
        assert samples.first_analysis(session, workspace_actor) is None
