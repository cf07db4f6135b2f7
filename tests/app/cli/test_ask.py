from __future__ import annotations

import json

import pytest

from app.models import Analysis, AnalysisStatus
from app.services import keys
from app.services.question_shapes import QuestionView
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run
from tests.app.services.synthesised import synthesised


@pytest.fixture
def analysis_id(sqlite_database, owner):
    found = synthesised(sqlite_database, owner)
    with sqlite_database.write() as session:
        session.get_one(Analysis, found).status = AnalysisStatus.COMPLETED
    return found


def test_an_answer_names_who_said_it(capfd, analysis_id):
    ran = run(capfd, "ask", analysis_id, "What do people say about letters?")
    assert ran.code == 0
    assert "speak of \u201cletters\u201d." in ran.out.splitlines()[0]
    assert ", r/selfhosted, 2026-11-01, " in ran.out


def test_what_nobody_says_ends_with_four(capfd, analysis_id):
    ran = run(capfd, "ask", analysis_id, "Which penguins live in Lisbon?")
    assert ran.code == 4
    assert ran.out.startswith("Not in the data.\n")


def test_the_answer_as_json(capfd, analysis_id):
    ran = run(capfd, "ask", analysis_id, "What do people say about letters?", "--json")
    view = QuestionView.model_validate(json.loads(ran.out))
    assert (ran.code, view.answer.outcome) == (0, "answered")


def test_a_table_for_a_question_of_which(capfd, analysis_id):
    ran = run(capfd, "ask", analysis_id, "Which communities talk about letters?")
    assert any(line.split()[0] == "r/selfhosted" for line in ran.out.splitlines() if line.startswith("  "))


def test_a_question_that_is_none_is_one_sentence(capfd, analysis_id):
    ran = run(capfd, "ask", analysis_id, " ")
    assert ran.code == 2
    assert ran.err.startswith("The question is not valid")


def test_another_asterism_is_asked_over_rest(capfd, sqlite_database, owner, analysis_id):
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        ran = run(capfd, "ask", analysis_id, "What do people say about letters?", "--url", url, "--key", secret)
        gone = run(capfd, "ask", "no-id", "What?", "--url", url, "--key", secret)
    assert (ran.code, gone.code) == (0, 2)
    assert "letters" in ran.out
