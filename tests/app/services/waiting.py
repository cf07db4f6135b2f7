"""An analysis that waits for its owner's choice about the cost."""

from __future__ import annotations

from sqlmodel import select

from app.core.db import Database
from app.models import Job
from app.services import choices
from app.services.access import Actor
from app.services.contract import ChoiceOption
from app.services.stages.work import Work
from tests.factories import ask, claimed


def waiting(database: Database, actor: Actor, *, at_cap: bool = False) -> str:
    """Return the id of an analysis whose running job has asked."""
    with database.write() as session:
        analysis_id = ask(session, actor, max_cost_micros=20_000).id
        session.flush()
        job_id = session.exec(select(Job.id).where(Job.analysis_id == analysis_id)).one()
        held = claimed(session, job_id, worker="one", lease_seconds=60)
    assert held is not None
    options = [
        ChoiceOption(choice="go_on", likely_micros=6_300, most_micros=20_000, needs_higher_cap=at_cap),
        ChoiceOption(choice="cheaper", likely_micros=5_500, most_micros=20_000),
        ChoiceOption(choice="stop", likely_micros=0, most_micros=0),
    ]
    with Work(held, database).commit() as (session, analysis):
        choices.ask(session, held, analysis, next_micros=30_000 if at_cap else 7_700, options=options)
    return analysis_id
