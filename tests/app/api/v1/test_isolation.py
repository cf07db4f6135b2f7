"""Every route, taken from the schema: nobody gets in without a key, and foreign things are not there."""

from __future__ import annotations

import re

import pytest

from app.api import build_api
from app.core.ids import new_id
from tests.app.api.v1.story import Api, api_for, fault, tell

ROUTES = [
    (method.upper(), path.removeprefix("/v1"))
    for path, methods in build_api().openapi()["paths"].items()
    for method in methods
    if path.startswith("/v1/")
]
WITH_IDS = [
    (method, path, name)
    for method, path in ROUTES
    if not path.startswith("/operations")  # those are across workspaces, for operators alone
    for name in re.findall(r"{(\w+)}", path)
] + [("GET", "/stream?analysis={analysis_id}", "analysis_id")]


BODIES = {
    "/analyses/{analysis_id}/choice": {"choice": "stop"},
    "/imports/{import_id}/mapping": {"text": "text"},
    "/analyses/{analysis_id}/questions": {"text": "What is slow?"},
    "/questions/{question_id}": {"saved_as": "Slow"},
    "/questions/{question_id}/again": {},
}
"""What is sent where a body is needed; a wrong one is refused before the id is looked at."""


OPERATIONS_SENT = {
    ("PUT", "/operations/queues/{queue}/hold"): {"json": {"reason": "no"}},
    ("GET", "/operations/matching"): {"params": {"move": "cancel"}},
    ("POST", "/operations/matching"): {"json": {"move": "cancel", "state": "open"}},
}


def _body(method, path):
    return {"json": BODIES[path]} if path in BODIES and method in {"POST", "PATCH"} else {}


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("header", [None, "Bearer ast_wrong", "Bearer", "Basic YTpi"])
def test_nobody_gets_in_without_a_good_key(sqlite_database, method, path, header):
    path = re.sub(r"{\w+}", new_id(), path)
    answer = Api(None, {} if header is None else {"authorization": header})(method, path)
    assert fault(answer, 401)["code"] == "not_signed_in"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path", "foreign"), WITH_IDS)
def test_foreign_unknown_and_malformed_ids_get_the_same_answer(
    api, story, sqlite_database, other_actor, method, path, foreign
):
    theirs = tell(sqlite_database, other_actor)
    ours = {"analysis_id": story.analysis, "item_id": story.items[0], "opportunity_id": story.opportunity}
    not_ours = {"analysis_id": theirs.analysis, "item_id": theirs.items[0], "opportunity_id": theirs.opportunity}
    ours["key_id"] = not_ours["key_id"] = new_id()
    ours["job_id"], not_ours["job_id"] = story.job, theirs.job
    ours["question_id"], not_ours["question_id"] = story.question, theirs.question
    ours["import_id"], not_ours["import_id"] = story.file, theirs.file
    answers = [
        fault(api(method, path.format(**{**ours, foreign: value}), **_body(method, path)), 404)
        for value in (not_ours[foreign], new_id(), "no-id", "%00", "'; drop table item; --", "0" * 3000)
    ]
    assert all(answer == answers[0] for answer in answers)


def test_our_own_ids_are_found_so_that_the_test_above_means_something(api, story):
    found = [
        api(
            "GET",
            path.format(
                analysis_id=story.analysis,
                item_id=story.items[0],
                opportunity_id=story.opportunity,
                question_id=story.question,
                import_id=story.file,
            ),
        )
        for method, path, _ in WITH_IDS
        if method == "GET"
    ]
    assert [answer.status_code for answer in found] == [200] * len(found)


def test_postgresql_gives_the_same_answers(postgresql_database, workspace_actor, other_actor):
    api = api_for(postgresql_database, workspace_actor)
    ours, theirs = tell(postgresql_database, workspace_actor), tell(postgresql_database, other_actor)
    mine = {"analysis_id": ours.analysis, "item_id": ours.items[0], "opportunity_id": ours.opportunity}
    foreign = {"analysis_id": theirs.analysis, "item_id": theirs.items[0], "opportunity_id": theirs.opportunity}
    mine["key_id"] = foreign["key_id"] = new_id()
    mine["job_id"], foreign["job_id"] = ours.job, theirs.job
    mine["question_id"], foreign["question_id"] = ours.question, theirs.question
    mine["import_id"], foreign["import_id"] = ours.file, theirs.file
    for method, path, name in WITH_IDS:
        if method == "GET":
            assert api(method, path.format(**mine)).status_code == 200, path
        for value in (foreign[name], "no-id", "%00"):
            fault(api(method, path.format(**{**mine, name: value}), **_body(method, path)), 404)


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[1].startswith("/operations")])
def test_operations_are_for_operators_alone(api, story, method, path):
    sent = OPERATIONS_SENT.get((method, path), {})
    answer = api(method, path.format(job_id=story.job, queue="collect", provider="reddit"), **sent)
    told = fault(answer, 403)["detail"]
    assert "those who run this Asterism" in told
    assert "`asterism keys create NAME --role admin`" in told
