from __future__ import annotations

import pytest

from app.core.db import Database
from app.services import keys
from tests.app.cli.command import run


def test_a_key_is_printed_once_listed_without_it_and_revoked(capfd, sqlite_database):
    made = run(capfd, "keys", "create", "nightly", "--role", "viewer")
    secret = made.out.strip()
    assert made.code == 0
    assert made.out == f"{secret}\n"
    assert secret not in made.err
    with sqlite_database.read() as session:
        actor = keys.actor_for_key(session, secret)
    assert (actor.name, actor.role) == ("nightly", "viewer")
    listed = run(capfd, "keys", "list")
    assert actor.id in listed.out
    assert "nightly" in listed.out
    assert secret not in listed.out
    assert run(capfd, "keys", "revoke", actor.id).code == 0
    assert "revoked" in run(capfd, "keys", "list").out
    with sqlite_database.read() as session:
        assert keys.actor_for_key(session, secret) is None


@pytest.mark.parametrize(
    "arguments", [("create", "x", "--role", "king"), ("create", " "), ("revoke", "no-such-key"), ("create",)]
)
def test_wrong_use_is_one_sentence_and_exit_code_2(capfd, sqlite_database, arguments):
    ran = run(capfd, "keys", *arguments)
    assert ran.code == 2
    assert ran.out == ""
    assert ran.err
    assert "Traceback" not in ran.err


def test_without_a_database_it_says_how_to_get_one(capfd, data_folder):
    ran = run(capfd, "keys", "list")
    assert ran.code == 2
    assert "asterism run" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_the_same_owner_is_found_each_time(capfd, sqlite_database: Database):
    run(capfd, "keys", "create", "one")
    run(capfd, "keys", "create", "two")
    assert len(run(capfd, "keys", "list").out.splitlines()) == 2
