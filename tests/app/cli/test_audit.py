"""`asterism audit`: who did what."""

from __future__ import annotations

import csv
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


def test_the_trail_is_verified_and_a_changed_act_ends_with_four(capfd, sqlite_database):
    for name in ("one", "two"):
        assert run(capfd, "keys", "create", name).code == 0
    told = run(capfd, "audit", "verify")
    assert told.code == 0
    assert "Unbroken: 2 acts" in told.out
    seal = told.out.strip().rpartition("Seal to note: ")[2]
    assert run(capfd, "audit", "verify", "--expect", seal).code == 0
    assert run(capfd, "audit", "verify", "--expect", "nonsense").code == 2
    with sqlite_database.write() as session:
        session.connection().exec_driver_sql("DROP TRIGGER audit_event_update")
        session.connection().exec_driver_sql("UPDATE audit_event SET subject = 'x' WHERE number = 1")
    told = run(capfd, "audit", "verify", "--json")
    assert (told.code, json.loads(told.out)["broken_at"]) == (4, 1)


def test_the_trail_is_written_to_a_file(capfd, sqlite_database, tmp_path):
    assert run(capfd, "keys", "create", "one").code == 0
    assert run(capfd, "audit", "export", "--output", str(tmp_path / "acts.csv")).code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["acts.csv"]
    (row,) = csv.DictReader((tmp_path / "acts.csv").read_text(encoding="utf-8").splitlines())
    assert (row["what"], row["on"], row["number"]) == ("Made an API key", "one", "1")
    assert "Made an API key" in run(capfd, "audit", "export", "--kind", "key").out
    told = run(capfd, "audit", "export", "--output", str(tmp_path / "none" / "acts.csv"))
    assert told.code == 2
    assert "cannot be written" in told.err
