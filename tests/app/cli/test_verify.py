from __future__ import annotations

import json

import pytest
from sqlmodel import select

from app.models import Evidence, Opportunity
from app.services import keys
from app.services.contract import VerificationView
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run
from tests.app.services.synthesised import synthesised


@pytest.fixture
def analysis_id(sqlite_database, owner):
    return synthesised(sqlite_database, owner)


def forge(database):
    with database.write() as session:
        evidence = session.exec(select(Evidence)).first()
        evidence.quote = "I never said this at all."
        session.add(evidence)


def test_a_result_that_holds_ends_with_zero(capfd, analysis_id):
    ran = run(capfd, "verify", analysis_id)
    assert ran.code == 0
    assert ran.out.startswith("All hold: ")


def test_a_forged_quote_ends_with_four_and_one_sentence(capfd, sqlite_database, analysis_id):
    forge(sqlite_database)
    ran = run(capfd, "verify", analysis_id)
    assert ran.code == 4
    fault, summary = ran.out.splitlines()
    assert "does not stand in its words" in fault
    assert summary.startswith("1 do not hold")


def test_one_opportunity_as_json(capfd, sqlite_database, analysis_id):
    forge(sqlite_database)
    with sqlite_database.read() as session:
        opportunity_id = session.exec(select(Opportunity.id)).one()
    ran = run(capfd, "verify", opportunity_id, "--json")
    view = VerificationView.model_validate(json.loads(ran.out))
    assert (ran.code, view.holds, len(view.faults)) == (4, False, 1)


def test_another_asterism_is_asked_by_rest(capfd, sqlite_database, owner, analysis_id):
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        assert run(capfd, "verify", analysis_id, "--url", url, "--key", secret).code == 0
        forge(sqlite_database)
        assert run(capfd, "verify", analysis_id, "--url", url, "--key", secret).code == 4


def test_what_is_not_there_is_wrong_use(capfd, sqlite_database):
    assert run(capfd, "verify", "nothing").code == 2
