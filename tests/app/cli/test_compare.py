from __future__ import annotations

import json

import pytest

from app.services import keys
from app.services.comparing.shapes import ComparisonView
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run
from tests.app.services.synthesised import synthesised


@pytest.fixture
def pair(sqlite_database, owner):
    return synthesised(sqlite_database, owner), synthesised(sqlite_database, owner, count=60)


def test_what_changed_is_said_in_plain_sentences(capfd, pair):
    ran = run(capfd, "compare", *pair)
    assert ran.code == 0
    assert "Why: the talk (15 items" in ran.out.partition("\n\n")[0]
    assert "15 new items" in ran.out
    assert "The later one cost $0.00" in ran.out


def test_the_whole_comparison_is_printed_as_json_here_and_there(capfd, sqlite_database, owner, pair):
    here = ComparisonView.model_validate(json.loads(run(capfd, "compare", *pair, "--json").out))
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        there = json.loads(run(capfd, "compare", *pair, "--json", "--url", url, "--key", secret).out)
        made = run(capfd, "rerun", pair[0], "--no-wait", "--dates", "same", "--json", "--url", url, "--key", secret)
    assert ComparisonView.model_validate(there) == here
    assert json.loads(made.out)["metadata"]["rerun_of"] == pair[0]
    assert f"asterism compare {pair[0]}" in made.err


def test_what_is_not_there_is_wrong_use(capfd, pair):
    assert run(capfd, "compare", pair[0], "nothing").code == 2
    assert run(capfd, "rerun", "nothing", "--no-wait").code == 2
