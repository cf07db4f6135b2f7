from __future__ import annotations

import csv
import io
import json

import pytest

from app.core.ids import new_id
from app.services import keys, sessions
from app.services.contract import AnalysisView
from tests.app.api.v1.story import tell
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run


@pytest.fixture
def owner(sqlite_database):
    with sqlite_database.write() as session:
        return sessions.local_owner(session)


@pytest.fixture
def story(sqlite_database, owner):
    return tell(sqlite_database, owner, items=130)


def ids(text: str) -> list[str]:
    return [row["id"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_the_items_go_to_standard_output(capfd, story):
    ran = run(capfd, "export", story.analysis)
    assert ran.code == 0
    assert ids(ran.out) == story.items[::-1]


def test_the_items_go_to_a_file(capfd, story, tmp_path):
    ran = run(capfd, "export", story.analysis, "--format", "csv", "--output", str(tmp_path / "items.csv"))
    assert (ran.code, ran.out) == (0, "")
    assert ids((tmp_path / "items.csv").read_bytes().decode()) == story.items[::-1]


def test_the_whole_analysis_as_json(capfd, story):
    view = AnalysisView.model_validate(json.loads(run(capfd, "export", story.analysis, "--format", "json").out))
    assert view.id == story.analysis


def test_from_another_asterism_by_rest(capfd, story, sqlite_database, owner, tmp_path):
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        ran = run(capfd, "export", story.analysis, "--url", url, "--key", secret)
        assert ids(ran.out) == story.items[::-1]
        assert run(capfd, "export", new_id(), "--url", url, "--key", secret).code == 2
        wrong = run(capfd, "export", story.analysis, "--url", url, "--key", "ast_wrong")
        assert wrong.code == 2
        assert "key" in wrong.err


@pytest.mark.parametrize("identifier", ["no-id", "01a20000-0000-7000-8000-000000000000", "../keys"])
def test_what_is_not_there_is_one_sentence_and_leaves_no_file(capfd, sqlite_database, tmp_path, identifier):
    ran = run(capfd, "export", identifier, "--output", str(tmp_path / "items.csv"))
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(capfd, story, tmp_path):
    ran = run(capfd, "export", story.analysis, "--output", str(tmp_path / "missing" / "items.csv"))
    assert ran.code == 2
    assert "--output" in ran.err
