"""The pages of files: the list, the columns, the way into a new analysis."""

from __future__ import annotations

import io

import pytest

from app.core.settings import settings
from app.services import sessions
from app.services.imports import library, receiving
from integrations.files.mapping import Mapping
from state.import_file import ImportFile, remapped
from state.imports import Imports, size_words
from state.new import New
from tests.state.signed_in import opened, sign_in

TALK = b"id,body,who,date\n1,I wish sync worked,ann,03/04/2026\n2,,bob,05/06/2026\n3,Backup is slow,zoe,07/08/2026\n"

pytestmark = pytest.mark.anyio


@pytest.fixture
def token(sqlite_database, valkey, monkeypatch):
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    return sign_in(sqlite_database)


@pytest.fixture
def owner(sqlite_database, token):
    with sqlite_database.read() as session:
        return sessions.actor_for_session(session, token)


@pytest.fixture
def file(sqlite_database, owner):
    return receiving.take(sqlite_database, owner, io.BytesIO(TALK), "talk.csv", len(TALK))


async def test_the_list_shows_each_file_and_what_is_still_to_be_said(token, file):
    page = opened(Imports, token)
    await page.load()
    assert [(row.name, row.rows, row.href) for row in page.rows] == [("talk.csv", "3", f"/imports/{file}")]
    assert "day or the month" in page.rows[0].problem
    assert page.most_bytes == 50_000_000
    await page.remove(file)
    await page.load()
    assert page.rows == []


async def test_a_column_and_the_order_of_dates_are_chosen_and_the_preview_follows(token, file, sqlite_database, owner):
    page = opened(ImportFile, token)
    await page._read(file)
    assert [row.rejected != "" for row in page.preview] == [True, True, True]
    assert page.asks_order
    await page.choose_order("day_first")
    assert page.checking
    assert [row.posted_at for row in page.preview if not row.rejected] == ["2026-04-03 00:00", "2026-08-07 00:00"]
    library.check(sqlite_database, owner, file)
    await page._read(file)
    assert (page.taken, page.out, page.problem, page.checking) == ("2 comments", "1 row", "", False)
    assert [(row.rows, row.reason) for row in page.reasons] == [("1 row", "there is no text")]
    await page.choose("author", "body")
    columns = {row.name: row.column for row in page.fields}
    assert (columns["author"], columns["text"]) == ("body", "")
    assert page.problem == "Say which column is the text."
    await page.choose("text", "no such column")
    assert "no such column" in page.change_problem


async def test_a_file_of_another_workspace_is_not_there(token, sqlite_database, other_actor):
    theirs = receiving.take(sqlite_database, other_actor, io.BytesIO(TALK), "talk.csv", len(TALK))
    page = opened(Imports, token)
    await page.load()
    assert page.rows == []
    await page.remove(theirs)
    assert "no such file" in page.error


async def test_a_file_becomes_a_place_by_its_name_and_is_not_mixed_with_sample(token, file, sqlite_database, owner):
    page = opened(New, token)
    await page.load()
    await page.paste({"paste": f"file:{file}"})
    assert (page.chips[0].name, page.chips[0].sample) == ("talk.csv", False)
    assert "day or the month" in page.chips[0].error
    await page.remove_source(page.chips[0].text)
    with sqlite_database.write() as session:
        mapping = Mapping(text="body", posted_at="date", date_order="day_first")
        library.set_mapping(session, owner, file, mapping)
    await page.paste({"paste": f"file:{file}"})
    assert page.blocked == ""
    await page.paste({"paste": "r/selfhosted"})
    assert "A file that you bring is real" in page.blocked


def test_a_column_is_one_thing_at_a_time():
    mapping = Mapping(text="a", author="b", date_order="day_first")
    assert remapped(mapping, "title", "b") == Mapping(text="a", title="b", date_order="day_first")
    assert remapped(mapping, "author", "") == Mapping(text="a", date_order="day_first")


@pytest.mark.parametrize(("count", "words"), [(0, "1 kB"), (999_000, "999 kB"), (1_500_000, "1.5 MB")])
def test_sizes_are_said_as_people_do(count, words):
    assert size_words(count) == words
