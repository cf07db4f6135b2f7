from __future__ import annotations

import pytest
from sqlmodel import select

from app.models import Analysis
from app.services import keys
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run
from tests.app.services.waiting import waiting


@pytest.fixture
def there(sqlite_database, owner):
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        yield ("--no-wait", "--url", url, "--key", secret)


def test_an_answer_goes_to_the_analysis_that_asked(capfd, sqlite_database, owner, there):
    analysis_id = waiting(sqlite_database, owner)
    ran = run(capfd, "choose", analysis_id, "cheaper", *there)
    assert (ran.code, ran.out.strip()) == (0, analysis_id)
    with sqlite_database.read() as session:
        choice = session.exec(select(Analysis.choice)).one()
    assert choice["made"][0]["choice"] == "cheaper"

    again = run(capfd, "choose", analysis_id, "stop", *there)
    assert again.code == 2
    assert "asks for no choice" in again.err


def test_a_higher_cap_goes_with_it(capfd, sqlite_database, owner, there):
    analysis_id = waiting(sqlite_database, owner, at_cap=True)
    assert run(capfd, "choose", analysis_id, "go-on", *there).code == 2
    assert "--cap" in run(capfd, "choose", analysis_id, "go-on", "--cap", "much", *there).err
    assert run(capfd, "choose", analysis_id, "go-on", "--cap", "1.50", *there).code == 0
    with sqlite_database.read() as session:
        assert session.exec(select(Analysis.cap_micros)).one() == 1_500_000


def test_no_other_answer_is_taken(capfd, sqlite_database, owner):
    assert run(capfd, "choose", "x", "more").code == 2
