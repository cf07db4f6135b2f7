"""The schema is right, and the page about the API says what it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.api import build_api
from app.core import errors
from app.core.errors import AppError

SCHEMA = build_api().openapi()
OPERATIONS = {
    f"{method.upper()} /api{path}": operation
    for path, methods in SCHEMA["paths"].items()
    for method, operation in methods.items()
    if path.startswith("/v1/")
}
PAGE = (Path(__file__).parents[4] / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_page_lists_exactly_the_routes_that_there_are():
    assert set(re.findall(r"^\| `((?:GET|POST|DELETE|PUT|PATCH) [^`]+)` \|", PAGE, re.MULTILINE)) == set(OPERATIONS)


def test_the_page_lists_exactly_the_codes_that_there_are():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, AppError)]
    found = set(re.findall(r"^\| `(\w+)` \| (\d+) \|", PAGE, re.MULTILINE))
    assert found == {(kind.code, str(kind.status)) for kind in kinds if kind is not AppError}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_says_who_may_call_and_what_it_answers(name):
    operation = OPERATIONS[name]
    assert operation["security"] == [{"key": []}, {"session": []}]
    assert operation["summary"]
    assert operation["description"]
    answers = operation["responses"]
    assert {"401", "403", "422"} <= set(answers)
    assert ("404" in answers) == ("{" in name or name.endswith("/stream") or "/comparisons" in name)
    for status, answer in answers.items():
        if status.startswith(("4", "5")):
            assert list(answer["content"]) == ["application/problem+json"]
        elif status != "204":
            assert (
                "application/json" not in answer["content"] or "$ref" in answer["content"]["application/json"]["schema"]
            )


def test_what_is_no_json_is_described_as_what_it_is():
    csv = OPERATIONS["GET /api/v1/analyses/{analysis_id}/exports/items.csv"]["responses"]["200"]
    stream = OPERATIONS["GET /api/v1/stream"]["responses"]["200"]
    assert (list(csv["content"]), list(stream["content"])) == (["text/csv"], ["text/event-stream"])


def test_filters_are_single_parameters():
    names = {field["name"] for field in OPERATIONS["GET /api/v1/analyses/{analysis_id}/items"]["parameters"]}
    assert {
        "analysis_id",
        "text",
        "topic",
        "sentiment",
        "kind",
        "spam",
        "day",
        "opportunity",
        "cursor",
        "limit",
    } <= names
