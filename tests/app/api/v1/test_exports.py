from __future__ import annotations

import csv
import io

from tests.app.api.v1.story import FORMULA, fault, tell


def test_the_csv_holds_every_item_as_a_download(api, sqlite_database, workspace_actor):
    story = tell(sqlite_database, workspace_actor, items=250)
    answer = api("GET", f"/analyses/{story.analysis}/exports/items.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (f'attachment; filename="asterism-items-{story.analysis}.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["id"] for row in rows] == story.items[::-1]
    assert {row["sample"] for row in rows} == {"SAMPLE"}


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(api, story):
    answer = api("GET", f"/analyses/{story.analysis}/exports/items.csv", params={"author": FORMULA})
    [row] = csv.DictReader(io.StringIO(answer.text, newline=""))
    assert row["author"] == f"'{FORMULA}"
    assert row["sentiment"] == "-0.5"


def test_filters_hold_for_the_export_too(api, story):
    answer = api("GET", f"/analyses/{story.analysis}/exports/items.csv", params={"spam": "true"})
    assert [row["id"] for row in csv.DictReader(io.StringIO(answer.text))] == [story.items[3]]
    path = f"/analyses/{story.analysis}/exports/items.csv"
    assert fault(api("GET", path, params={"kind": "poem"}), 422)["field"] == "kind"
