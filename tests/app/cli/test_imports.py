from __future__ import annotations

import json

import pytest

from app.services import keys, sessions
from app.services.imports import library
from tests.app.cli.api_server import api_server
from tests.app.cli.command import run

TALK = "nr;Kommentar;Wer;Datum\n1;Sync ist langsam;ann;25.03.2026\n2;;bob;26.03.2026\n3;Backup fehlt;;27.03.2026\n"


@pytest.fixture
def owner(sqlite_database):
    with sqlite_database.write() as session:
        return sessions.local_owner(session)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk.csv"
    path.write_text(TALK, encoding="utf-8")
    return path


def view_of(database, owner, identifier):
    with database.read() as session:
        return library.view(session, owner, identifier)


def test_a_file_is_brought_and_its_id_goes_to_standard_output(capfd, sqlite_database, owner, file):
    ran = run(capfd, "import", str(file))
    assert ran.code == 0, ran.err
    view = view_of(sqlite_database, owner, ran.out.strip())
    assert (view.name, view.rows, view.delimiter) == ("talk.csv", 3, ";")
    assert view.mapping.columns()["text"] == "Kommentar"
    assert "2 comments, 1 rows rejected." in ran.err
    assert "row 3: there is no text" in ran.err
    assert f"asterism analyse file:{view.id}" in ran.err


def test_a_column_and_a_name_can_be_said(capfd, sqlite_database, owner, file):
    ran = run(
        capfd,
        "import",
        str(file),
        "--map",
        "author=Wer",
        "--map",
        "title=Kommentar",
        "--map",
        "text=nr",
        "--json",
        "--name",
        "März",
    )
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert found["name"] == "März"
    assert (found["mapping"]["text"], found["mapping"]["title"], found["mapping"]["author"]) == (
        "nr",
        "Kommentar",
        "Wer",
    )
    assert found["report"]["comments"] == 3


def test_what_cannot_be_analysed_yet_has_its_own_exit_code(capfd, owner, tmp_path):
    path = tmp_path / "dates.csv"
    path.write_text("text,date\nhello,03/04/2026\n")
    ran = run(capfd, "import", str(path))
    assert ran.code == 5
    assert "day or the month" in ran.err
    assert run(capfd, "import", str(path), "--map", "date_order=day_first").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "text"], "FIELD=COLUMN"),
        (["--map", "words=nr"], "there is no such field"),
        (["--map", "text=x"], "no column"),
    ],
)
def test_a_wrong_mapping_is_one_sentence(capfd, owner, file, arguments, words):
    ran = run(capfd, "import", str(file), *arguments)
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert words in ran.err


def test_a_file_that_is_not_there_or_none_is_one_sentence(capfd, owner, tmp_path):
    assert "cannot be read" in run(capfd, "import", str(tmp_path / "none.csv")).err
    zipped = tmp_path / "book.xlsx"
    zipped.write_bytes(b"PK\x03\x04rest")
    ran = run(capfd, "import", str(zipped))
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert "Excel" in ran.err


def test_to_another_asterism_by_rest(capfd, sqlite_database, owner, file):
    with sqlite_database.write() as session:
        secret = keys.create(session, owner, "test").secret
    with api_server() as url:
        ran = run(capfd, "import", str(file), "--url", url, "--key", secret, "--map", "author=", "--name", "there.csv")
        assert ran.code == 0, ran.err
        view = view_of(sqlite_database, owner, ran.out.strip())
        assert view.name == "there.csv"
        assert view.mapping.author is None
        assert run(capfd, "import", str(file), "--url", url, "--key", "ast_wrong").code == 2
