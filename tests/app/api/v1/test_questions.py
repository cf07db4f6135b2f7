"""Questions over REST: asked, listed, saved, asked again, deleted; only by those who may."""

from __future__ import annotations

from app.core.db import Database
from app.models import Role
from app.services.access import Actor
from tests.app.api.v1.story import Api, Story, api_for, fault, tell

PATH = "/analyses/{}/questions"


def _ask(api: Api, story: Story, text: str = "What do people say about sync?", **more: object):
    return api("POST", PATH.format(story.analysis), json={"text": text, **more})


def test_an_answer_is_made_of_cited_sentences(api: Api, story: Story):
    answer = _ask(api, story)
    assert answer.status_code == 201
    asked = answer.json()
    assert answer.headers["location"] == f"/api/v1/questions/{asked['id']}"
    assert asked["answer"]["outcome"] == "answered"
    sentences = [sentence for group in asked["answer"]["groups"] for sentence in group["sentences"]]
    assert sentences
    for sentence in sentences:
        (citation,) = sentence["citations"]
        item = api.get(f"/analyses/{story.analysis}/items/{citation['item_id']}")
        whole = "\n\n".join(part for part in (item["title"], item["text"]) if part)
        assert whole[citation["start"] : citation["end"]] == citation["quote"] == sentence["text"]
    assert api.get(f"/questions/{asked['id']}") == asked


def test_the_filter_question_gives_as_many_items_as_the_answer_counts(api: Api, story: Story):
    asked = _ask(api, story).json()
    counted = api.get(f"/analyses/{story.analysis}/items", question=asked["id"])["rows"]
    assert len(counted) == asked["answer"]["items"] == 11  # one of the twelve is spam


def test_what_nobody_speaks_of_is_not_in_the_data(api: Api, story: Story):
    answer = _ask(api, story, "Which penguins live in Lisbon?").json()["answer"]
    assert (answer["outcome"], answer["groups"], answer["items"]) == ("not_in_data", [], 0)
    assert "11 items were searched" in answer["missing"][0]


def test_questions_are_listed_newest_first_a_page_at_a_time(api: Api, story: Story):
    ids = [_ask(api, story, f"What about sync {number}x?").json()["id"] for number in range(2)]
    first = api.get(PATH.format(story.analysis), limit=2)
    rest = api.get(PATH.format(story.analysis), cursor=first["next_cursor"])
    assert [row["id"] for row in (*first["rows"], *rest["rows"])] == [ids[1], ids[0], story.question]
    assert rest["next_cursor"] is None


def test_a_question_is_saved_asked_again_and_deleted(api: Api, story: Story):
    saved = api("PATCH", f"/questions/{story.question}", json={"saved_as": " Sync  talk "}).json()
    assert saved["saved_as"] == "Sync talk"
    assert [row["id"] for row in api.get("/questions/saved")["rows"]] == [story.question]
    again = api("POST", f"/questions/{story.question}/again", json={}).json()
    assert again["repeats"] == story.question
    assert again["answer"]["change"].startswith("Asked on 2026-11-20: 2 items then, 11 items now.")
    assert api("PATCH", f"/questions/{story.question}", json={"saved_as": None}).json()["saved_as"] is None
    assert api("DELETE", f"/questions/{story.question}").status_code == 204
    fault(api("GET", f"/questions/{story.question}"), 404)
    assert api.get("/questions/saved")["rows"] == []


def test_a_viewer_reads_and_does_not_ask(sqlite_database: Database, workspace_actor: Actor, story: Story):
    viewer = api_for(sqlite_database, workspace_actor, role=Role.VIEWER)
    assert viewer.get(f"/questions/{story.question}")["text"] == "What do people say about sync?"
    for answer in (
        _ask(viewer, story),
        viewer("PATCH", f"/questions/{story.question}", json={"saved_as": "Mine"}),
        viewer("POST", f"/questions/{story.question}/again", json={}),
        viewer("DELETE", f"/questions/{story.question}"),
    ):
        fault(answer, 403)


def test_an_analysis_that_still_runs_is_not_asked(api: Api, sqlite_database: Database, workspace_actor: Actor):
    running = tell(sqlite_database, workspace_actor, status="running")
    assert "still runs" in fault(_ask(api, running), 409)["detail"]


def test_a_question_asked_again_elsewhere_needs_to_be_allowed_there(
    api: Api, story: Story, sqlite_database: Database, other_actor: Actor
):
    theirs = tell(sqlite_database, other_actor)
    fault(api("POST", f"/questions/{story.question}/again", json={"analysis_id": theirs.analysis}), 404)


def test_questions_that_are_none_are_refused(api: Api, story: Story):
    for body in ({}, {"text": ""}, {"text": " \u200b "}, {"text": "a" * 401}, {"text": "sync", "without": ["all"]}):
        fault(api("POST", PATH.format(story.analysis), json=body), 422)


def test_a_workspace_that_asks_too_often_has_to_wait(api: Api, story: Story, monkeypatch):
    monkeypatch.setattr("app.services.asking.PER_MINUTE", 2)
    assert [_ask(api, story).status_code for _ in range(3)] == [201, 201, 429]
