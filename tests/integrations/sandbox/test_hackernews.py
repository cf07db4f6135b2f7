"""The stand-in for Hacker News over real HTTP: shapes, filters, paging, markup and the cap of 1,000 hits."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

from integrations.sandbox.faults import Fault
from integrations.sandbox.hackernews_wire import markup
from tests.integrations.sandbox.wire_client import WireClient


@pytest.fixture
def hackernews(sandbox):
    with WireClient(sandbox.url) as client:

        def get(path, **query):
            return client.call("GET", f"/hackernews{path}?{urlencode(query)}")

        yield get


def pages(get, **query):
    hits, page = [], 0
    while True:
        told = get("/api/v1/search_by_date", hitsPerPage=200, page=page, **query).json()
        hits += told["hits"]
        page += 1
        if page >= told["nbPages"]:
            return hits, told


def plain(text):
    text = re.sub(r'<a href="([^"]*)"[^>]*>.*?</a>', r"\1", text.replace("<p>", "\n\n"))
    return html.unescape(re.sub(r"</?i>", "*", text))


def test_windows_of_time_reach_every_item_past_the_cap_of_a_thousand_hits(sandbox, hackernews):
    items = sandbox.corpus.items_of("hackernews")
    wanted = {item.external_id for item in items if not item.truth.removed}
    found, until = set(), 4_000_000_000
    while True:
        hits, told = pages(hackernews, numericFilters=f"created_at_i<{until}")
        assert len(hits) == min(told["nbHits"], 1000)
        found |= {hit["objectID"] for hit in hits}
        if told["nbHits"] <= 1000:
            break
        until = hits[-1]["created_at_i"] + 1
    assert found == wanted


def test_hits_are_newest_first_and_stay_inside_their_filters(hackernews):
    hits, told = pages(hackernews, tags="story,(ask_hn,show_hn)", numericFilters="points>=20,num_comments>0")
    assert told["nbHits"] == len(hits) > 20
    assert [hit["created_at_i"] for hit in hits] == sorted((hit["created_at_i"] for hit in hits), reverse=True)
    assert all(hit["points"] >= 20 and {"ask_hn", "show_hn"} & set(hit["_tags"]) for hit in hits)


def test_words_must_all_be_there_and_the_last_may_be_a_beginning(hackernews):
    hits, told = pages(hackernews, query="build lo", tags="comment")
    assert told["nbHits"] > 5
    for hit in hits:
        words = re.findall(r"\w+", f"{plain(hit['comment_text'])} {hit['story_title']} {hit['author']} ".lower())
        assert "build" in words or "build" in hit.get("story_url", "")
        assert any(word.startswith("lo") for word in words)
    assert any("<em>" in hit["_highlightResult"]["comment_text"]["value"] for hit in hits)


def test_a_comment_hit_has_the_keys_of_a_real_one(hackernews):
    hit = hackernews("/api/v1/search", tags="comment").json()["hits"][0]
    assert {
        "_highlightResult", "_tags", "author", "comment_text", "created_at", "created_at_i", "objectID", "parent_id",
        "points", "story_id", "story_title", "updated_at",
    } <= set(hit)  # fmt: skip
    assert hit["_tags"] == ["comment", f"author_{hit['author']}", f"story_{hit['story_id']}"]


def test_relevance_puts_stories_with_many_points_first(hackernews):
    hits = hackernews("/api/v1/search", tags="story", hitsPerPage=50).json()["hits"]
    assert [hit["points"] for hit in hits] == sorted((hit["points"] for hit in hits), reverse=True)


def test_a_tree_holds_every_comment_and_tombstones_say_nothing(sandbox, hackernews):
    items = sandbox.corpus.items_of("hackernews")
    gone = next(item for item in items if item.truth.removed and not item.is_post)
    seen = {}

    def walk(node):
        seen[str(node["id"])] = node
        for child in node["children"]:
            assert child["parent_id"] == node["id"]
            walk(child)

    walk(hackernews(f"/api/v1/items/{gone.thread_id}").json())
    wanted = {item.external_id: item for item in items if item.thread_id == gone.thread_id}
    assert set(seen) == set(wanted)
    assert seen[gone.external_id]["text"] is None
    assert seen[gone.external_id]["author"] is None
    for name, item in wanted.items():
        assert plain(seen[name]["text"] or "") == item.text


def test_markup_is_that_of_the_site():
    text = 'It\'s *really* <b>"slow"</b>:\n\nsee https://a.example/b?c=1&d=2.'
    assert markup(text) == (
        "It&#x27;s <i>really</i> &lt;b&gt;&quot;slow&quot;&lt;&#x2F;b&gt;:<p>see "
        '<a href="https:&#x2F;&#x2F;a.example&#x2F;b?c=1&amp;d=2" rel="nofollow">'
        "https:&#x2F;&#x2F;a.example&#x2F;b?c=1&amp;d=2</a>."
    )


def test_firebase_gives_lists_and_items(sandbox, hackernews):
    top = hackernews("/v0/topstories.json").json()
    story = hackernews(f"/v0/item/{top[0]}.json").json()
    assert story["type"] == "story"
    assert story["descendants"] == sum(
        item.thread_id == str(top[0]) and not item.is_post for item in sandbox.corpus.items_of("hackernews")
    )
    assert hackernews("/v0/item/1.json").json() is None
    assert hackernews("/v0/maxitem.json").json() == max(
        int(item.external_id) for item in sandbox.corpus.items_of("hackernews")
    )
    asked = hackernews("/v0/askstories.json").json()
    assert hackernews(f"/v0/item/{asked[0]}.json").json()["title"].startswith("Ask HN:")


@pytest.mark.parametrize("query", [{"numericFilters": "age>3"}, {"page": "x"}, {"hitsPerPage": "0"}])
def test_what_cannot_be_understood_is_refused(hackernews, query):
    answer = hackernews("/api/v1/search", **query)
    assert answer.status == 400
    assert answer.json()["status"] == 400


def test_unknown_items_and_paths_are_missing(hackernews):
    for path in ("/api/v1/items/1", "/api/v1/users/pg", "/v0/nothing.json"):
        assert hackernews(path).status == 404


def test_faults_hit_it(sandbox, hackernews):
    sandbox.control.set_fault(Fault("status", remote="hackernews", status=503, count=1))
    assert hackernews("/api/v1/search").status == 503
    assert hackernews("/api/v1/search").status == 200
