"""`asterism audit`: who did what."""

from __future__ import annotations

import json
import typing

from app.cli.audit import Kind
from app.services.audit_words import KIND_WORDS
from tests.app.cli.command import run


def test_what_was_done_is_told_newest_first_and_in_pages(capfd, sqlite_database):
    for name in ("one", "two"):
        assert run(capfd, "keys", "create", name).code == 0
    told = run(capfd, "audit", "--limit", "1")
    assert "Made an API key: two (role editor)" in told.out
    assert told.out.count("\n") == 1
    cursor = told.err.strip().rpartition("More: --cursor ")[2]
    assert "Made an API key: one (role editor)" in run(capfd, "audit", "--cursor", cursor).out
    row = json.loads(run(capfd, "audit", "--kind", "key", "--limit", "1", "--json").out)
    assert (row["action"], row["on"], row["operator"]) == ("key:create", "two", False)


def test_nothing_of_a_kind_and_a_wrong_limit_are_said(capfd, sqlite_database):
    told = run(capfd, "audit", "--kind", "file")
    assert (told.code, told.out) == (0, "")
    assert "Nothing of that kind" in told.err
    assert run(capfd, "audit", "--limit", "0").code == 2
    assert run(capfd, "audit", "--kind", "secrets").code == 2


def test_the_command_knows_every_kind():
    assert set(typing.get_args(Kind)) == set(KIND_WORDS)
