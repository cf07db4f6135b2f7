"""When work is expected to end: by its estimate, and by nothing else. On both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.core.db import Database
from app.models import Analysis, AnalysisStatus
from app.services import progress, timeline
from app.services.access import Actor
from app.services.contract import EstimateView
from tests.factories import MOMENT, ask

ESTIMATE = EstimateView(
    items=(1, 2, 3),
    requests=(1, 1, 1),
    minutes=(1, 1, 1),
    seconds=(5, 21, 60),
    micros=(0, 0, 0),
    assumptions=[],
).model_dump(mode="json")


@pytest.fixture
def analysis_id(database: Database, workspace_actor: Actor) -> str:
    with database.write() as session:
        analysis = ask(session, workspace_actor)
        analysis.status, analysis.started_at, analysis.estimate = AnalysisStatus.RUNNING, MOMENT, ESTIMATE
        return analysis.id


def expected(database: Database, analysis_id: str, **changes: object) -> object:
    with database.write() as session:
        analysis = session.get_one(Analysis, analysis_id)
        for name, value in changes.items():
            setattr(analysis, name, value)
    with database.read() as session:
        return progress.view(session, session.get_one(Analysis, analysis_id)).expected_end


def test_it_is_the_estimate_counted_from_the_beginning(database: Database, analysis_id: str) -> None:
    assert expected(database, analysis_id) == (MOMENT + timedelta(seconds=21), MOMENT + timedelta(seconds=60))


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": None},
        {"estimate": {**ESTIMATE, "seconds": None}},
        {"started_at": None},
        {"status": AnalysisStatus.PAUSED},
        {"status": AnalysisStatus.COMPLETED},
    ],
)
def test_where_the_estimate_says_nothing_nothing_is_said(
    database: Database, analysis_id: str, changes: dict[str, object]
) -> None:
    assert expected(database, analysis_id, **changes) is None


@pytest.mark.parametrize("kind", ["analysis.paused", "analysis.needs_choice", "analysis.needs_auth"])
def test_what_stood_still_is_no_longer_promised(database: Database, analysis_id: str, kind: str) -> None:
    with database.write() as session:
        timeline.record(session, session.get_one(Analysis, analysis_id), kind, "It stands still.")
    assert expected(database, analysis_id) is None
