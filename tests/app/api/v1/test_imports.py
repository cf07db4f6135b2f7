"""Files over REST: brought, looked at, mapped, rejected rows taken away, deleted."""

from __future__ import annotations

import csv
import io
import json

import pytest

from app.api.v1 import imports
from app.core.settings import settings
from app.models import Role
from tests.app.api.v1.story import api_for, fault

TALK = b"id,body,author,when\n1,I wish sync worked,ann,2026-10-01\n2,=cmd(),bob,soon\n3,Backup is slow,,2026-10-03\n"


def bring(api, data: bytes = TALK, name: str = "talk.csv"):
    answer = api("POST", "/imports", params={"name": name}, content=data)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/v1/imports/{answer.json()['id']}"
    return answer.json()


def test_a_file_is_recognised_mapped_by_its_headers_and_every_row_accounted_for(api):
    found = bring(api)
    assert (found["format"], found["encoding"], found["delimiter"], found["rows"]) == ("csv", "UTF-8", ",", 3)
    assert found["mapping"]["text"] == "body"
    assert found["mapping"]["posted_at"] == "when"
    assert found["mapping_origin"] == "guess"
    report = found["report"]
    assert report["comments"] == 2
    assert report["rejected"] == {"the date cannot be read": 1}
    assert report["samples"] == [{"row": 3, "reason": "the date cannot be read", "sample": "2 · =cmd() · bob · soon"}]
    assert report["first_at"] == "2026-10-01T00:00:00.000Z"
    assert found["problem"] is None
    assert api.get(f"/imports/{found['id']}") == found
    rows = api.get("/imports")["rows"]
    assert [(row["name"], row["comments"], row["source"]) for row in rows] == [("talk.csv", 2, f"file:{found['id']}")]


def test_a_form_brings_a_file_under_its_own_name(api):
    answer = api("POST", "/imports", files={"file": ("C:\\data\\my talk.ndjson", b'{"text": "hello"}\n')})
    assert answer.status_code == 201
    assert (answer.json()["name"], answer.json()["format"]) == ("my talk.ndjson", "ndjson")


def test_files_of_the_same_name_are_told_apart(api):
    assert [bring(api)["name"] for _ in range(3)] == ["talk.csv", "talk.csv (2)", "talk.csv (3)"]


def test_the_preview_shows_rows_as_they_will_be_stored_and_follows_the_mapping(api):
    found = bring(api)
    rows = api.get(f"/imports/{found['id']}/preview")["rows"]
    assert [row["text"] for row in rows] == ["I wish sync worked", "2 · =cmd() · bob · soon", "Backup is slow"]
    assert [row["rejected"] for row in rows] == [None, "the date cannot be read", None]
    assert rows[0]["external_id"].endswith("/1")
    changed = api("PATCH", f"/imports/{found['id']}/mapping", json={"text": "author"})
    assert changed.status_code == 200
    assert changed.json()["mapping_origin"] == "chosen"
    assert changed.json()["report"]["rejected"] == {"there is no text": 1}
    rows = api.get(f"/imports/{found['id']}/preview")["rows"]
    assert [row["text"] for row in rows[:2]] == ["ann", "bob"]
    assert rows[0]["external_id"].startswith("row-")


def test_a_mapping_is_offered_again_when_the_same_columns_come_back(api):
    found = bring(api)
    api("PATCH", f"/imports/{found['id']}/mapping", json={"text": "author", "title": "body"})
    again = bring(api, b"author,id,when,body\nzoe,9,2026-10-01,hello\n", "later.csv")
    assert again["mapping_origin"] == "saved"
    assert (again["mapping"]["text"], again["mapping"]["title"]) == ("author", "body")
    assert bring(api, b"author,id,body\nzoe,9,hello\n")["mapping_origin"] == "guess"


@pytest.mark.parametrize(
    ("mapping", "field"),
    [({"text": "nothing"}, "text"), ({"text": "body", "title": "body"}, "mapping"), ({"words": "body"}, "words")],
)
def test_a_mapping_that_cannot_be_is_refused_with_its_field(api, mapping, field):
    found = bring(api)
    assert fault(api("PATCH", f"/imports/{found['id']}/mapping", json=mapping), 422)["field"] == field
    assert api.get(f"/imports/{found['id']}")["mapping"] == found["mapping"]


def test_dates_that_can_be_read_two_ways_wait_for_a_choice(api):
    found = bring(api, b"text,date\nhello,03/04/2026\nyou,05/06/2026\n")
    assert "day or the month" in found["problem"]
    assert found["report"]["unclear_dates"] == 2
    wanted = {"sources": [{"provider": "file", "query": {"id": found["id"]}}]}
    assert "day or the month" in fault(api("POST", "/analyses", json=wanted), 422)["detail"]
    mapping = {**found["mapping"], "date_order": "day_first"}
    chosen = api("PATCH", f"/imports/{found['id']}/mapping", json=mapping).json()
    assert chosen["problem"] is None
    assert chosen["report"]["first_at"] == "2026-04-03T00:00:00.000Z"


def test_rejected_rows_are_taken_away_as_csv_that_no_spreadsheet_runs(api):
    found = bring(api, b'text,date\n=SUM(A1),x\n"+1, ""a""",2026-99-01\n@x,2026-01-01\ny,2026-01-02\n')
    answer = api("GET", f"/imports/{found['id']}/rejected.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["row", "reason", "sample"]
    assert [row[0] for row in rows[1:]] == ["2", "3"]
    assert all(row[2].startswith("'") for row in rows[1:])


def test_a_deleted_file_is_gone_and_can_be_brought_again(api):
    found = bring(api)
    assert api("DELETE", f"/imports/{found['id']}").status_code == 204
    fault(api("GET", f"/imports/{found['id']}"), 404)
    assert api.get("/imports")["rows"] == []
    assert bring(api)["name"] == "talk.csv"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 and so on", "Excel"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"\x00\x01\x02\x03\xff", "not a text file"),
        (b"a,b\n", "no rows"),
        (b'[{"text": "x"}, {"te', "breaks off"),
        (b"[" * 300_000, "nested too deeply"),
    ],
)
def test_what_is_no_file_of_comments_is_refused_in_one_sentence_and_leaves_nothing(api, data, words):
    problem = fault(api("POST", "/imports", content=data), 422)
    assert words in problem["detail"]
    assert problem["field"] == "file"
    assert api.get("/imports")["rows"] == []


def test_a_form_without_a_file_is_refused(api):
    assert "no file" in fault(api("POST", "/imports", files={"other": ("x", b"y")}), 422)["detail"]
    headers = {"content-type": "multipart/form-data"}
    fault(api("POST", "/imports", content=b"no form", headers=headers), 400)


def test_a_file_above_the_cap_is_refused(api, monkeypatch):
    monkeypatch.setenv("ASTERISM_IMPORT_MAX_BYTES", "1000")
    settings.cache_clear()
    assert fault(api("POST", "/imports", content=b"text\n" + b"x" * 1000), 413)["code"] == "too_large"
    fault(api("POST", "/imports", files={"file": ("x.csv", b"text\n" + b"x" * 1000)}), 413)


def test_too_many_at_once_are_asked_to_come_again(api, monkeypatch):
    monkeypatch.setattr(imports, "_receiving", imports.AT_ONCE)
    assert fault(api("POST", "/imports", content=TALK), 429)["code"] == "too_many"


def test_a_viewer_sees_files_and_changes_nothing(api, sqlite_database, workspace_actor):
    found = bring(api)
    viewer = api_for(sqlite_database, workspace_actor, role=Role.VIEWER)
    assert viewer.get(f"/imports/{found['id']}/preview")["rows"]
    fault(viewer("POST", "/imports", content=TALK), 403)
    fault(viewer("PATCH", f"/imports/{found['id']}/mapping", json={"text": "body"}), 403)
    fault(viewer("DELETE", f"/imports/{found['id']}"), 403)


def test_a_file_of_another_workspace_cannot_be_analysed_nor_counted(api, sqlite_database, other_actor):
    found = bring(api)
    theirs = api_for(sqlite_database, other_actor)
    wanted = {"sources": [{"provider": "file", "query": {"id": found["id"]}}]}
    fault(theirs("POST", "/analyses", json=wanted), 404)
    fault(theirs("POST", "/analyses/estimate", json=wanted), 404)
    assert theirs.get("/imports")["rows"] == []


def test_an_analysis_fixes_what_the_columns_mean_when_it_is_asked_for(api):
    found = bring(api)
    wanted = {"sources": [{"provider": "file", "query": {"id": found["id"], "name": "forged"}}]}
    estimate = api("POST", "/analyses/estimate", json=wanted).json()
    assert (estimate["items"], estimate["requests"], estimate["sample"]) == ([2, 2, 2], [0, 0, 0], False)
    made = api("POST", "/analyses", json=wanted, headers={"idempotency-key": "once"}).json()
    again = api("POST", "/analyses", json=wanted, headers={"idempotency-key": "once"}).json()
    assert made["id"] == again["id"]
    query = made["request"]["sources"][0]["query"]
    assert (query["name"], query["mapping"]["text"]) == ("talk.csv", "body")
    assert made["sample"] is False


def test_a_file_is_real_and_is_not_mixed_with_sample_places(api, monkeypatch):
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    found = bring(api)
    wanted = {
        "sources": [
            {"provider": "file", "query": {"id": found["id"]}},
            {"provider": "reddit", "query": {"subreddit": "selfhosted"}},
        ]
    }
    assert "A file that you bring is real" in fault(api("POST", "/analyses", json=wanted), 422)["detail"]


def test_what_cannot_be_stored_as_it_is_does_not_stop_the_rest(api):
    rows = [{"text": "a\x00b \ud800 c", "id": "x\x00y"}, {"text": "ok", "\x00": "z", "n": 10**30}]
    found = bring(api, "\n".join(json.dumps(row) for row in rows).encode())
    assert found["report"]["comments"] == 2
    assert [row["text"] for row in api.get(f"/imports/{found['id']}/preview")["rows"]] == ["ab ? c", "ok"]
