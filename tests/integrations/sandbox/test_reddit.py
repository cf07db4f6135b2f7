"""The stand-in for Reddit, looked at over a real socket."""

from __future__ import annotations

from collections import Counter

import pytest

from integrations.sandbox import reddit as reddit_module
from integrations.sandbox.corpus import generate
from integrations.sandbox.remote import Request, World
from tests.integrations.sandbox.wire_client import WireClient


def posts_of(sandbox, *communities):
    return [
        item
        for item in sandbox.corpus.items_of("reddit")
        if item.is_post and (not communities or item.community in communities)
    ]


def test_a_token_needs_basic_credentials(sandbox):
    with WireClient(sandbox.url) as client:
        assert client.sign_in(shared="wrong").status == 401
        assert client.call("POST", "/reddit/api/v1/access_token", "grant_type=client_credentials").status == 401
        assert client.sign_in(grant="password").json() == {"error": "unsupported_grant_type"}
        given = client.sign_in().json()
    assert given["token_type"] == "bearer"
    assert given["expires_in"] == reddit_module.TOKEN_SECONDS


def test_nothing_is_told_without_a_token(sandbox):
    with WireClient(sandbox.url) as client:
        for headers in ({}, {"Authorization": "Bearer made-up"}):
            refused = client.call("GET", "/reddit/r/selfhosted/new", headers=headers)
            assert refused.status == 401
            assert refused.json() == {"message": "Unauthorized", "error": 401}


def test_a_token_expires():
    now = [1_000_000.0]
    remote = reddit_module.RedditRemote(World(generate(scale=0.05), now[0], lambda: now[0]))
    ask = Request("POST", "/api/v1/access_token", {}, {"authorization": "Basic YTpi"}, b"grant_type=client_credentials")
    token = remote.handle(ask).body.split(b'"')[3].decode()
    look = Request("GET", "/r/selfhosted/new", {}, {"authorization": f"bearer {token}"})
    assert remote.handle(look).status == 200
    now[0] += reddit_module.TOKEN_SECONDS + 1
    assert remote.handle(look).status == 401


def test_a_spent_quota_is_told_in_headers_and_ends_in_429():
    remote = reddit_module.RedditRemote(World(generate(scale=0.05), 0, lambda: 1200.0), quota=2)
    ask = Request("POST", "/api/v1/access_token", {}, {"authorization": "Basic YTpi"}, b"grant_type=client_credentials")
    token = remote.handle(ask).body.split(b'"')[3].decode()
    look = Request("GET", "/r/selfhosted/about", {}, {"authorization": f"bearer {token}"})
    answers = [remote.handle(look) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["1.0", "0.0", "0.0"]
    assert answers[0].headers["x-ratelimit-reset"] == "600"


def test_about_describes_a_community_and_marks_it_as_a_sample(reddit):
    about = reddit.get("/r/SelfHosted/about").json()
    assert about["kind"] == "t5"
    assert about["data"]["display_name"] == "selfhosted"
    assert "SAMPLE" in about["data"]["title"]
    assert "SAMPLE" in about["data"]["public_description"]


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [("sampleprivate", 403, "private"), ("samplebanned", 404, "banned"), ("nosuchplace", 404, "unknown")],
)
def test_closed_and_unknown_communities_say_why(reddit, name, status, reason):
    for path in (f"/r/{name}/about", f"/r/{name}/new", f"/r/{name}/search"):
        answer = reddit.get(path, q="x")
        assert (answer.status, answer.json()["reason"], answer.json()["error"]) == (status, reason, status)


def test_new_pages_to_the_end_and_covers_every_post_once(reddit, sandbox):
    found = reddit.listed("/r/selfhosted/new")
    assert Counter(post["name"] for post in found) == Counter(
        post.external_id for post in posts_of(sandbox, "selfhosted")
    )
    created = [post["created_utc"] for post in found]
    assert created == sorted(created, reverse=True)


def test_several_communities_are_read_as_one(reddit, sandbox):
    found = {post["name"] for post in reddit.listed("/r/selfhosted+homelab/new")}
    assert found == {post.external_id for post in posts_of(sandbox, "selfhosted", "homelab")}


def test_before_goes_back_to_the_page_before(reddit):
    first = reddit.get("/r/homelab/new", limit=10).json()["data"]
    second = reddit.get("/r/homelab/new", limit=10, after=first["after"]).json()["data"]
    back = reddit.get("/r/homelab/new", limit=10, before=second["children"][0]["data"]["name"]).json()["data"]
    assert back["children"] == first["children"]
    assert first["before"] is None
    assert first["dist"] == 10


def test_top_keeps_to_its_span_and_sorts_by_score(reddit, sandbox):
    found = reddit.listed("/r/selfhosted/top", t="week")
    assert [post["score"] for post in found] == sorted((post["score"] for post in found), reverse=True)
    young = {post.external_id for post in posts_of(sandbox, "selfhosted") if post.age_seconds <= 7 * 86_400}
    assert {post["name"] for post in found} == young


def test_a_post_has_the_facts_that_a_reader_needs(reddit, sandbox):
    post = reddit.get("/r/selfhosted/new", limit=1).json()["data"]["children"][0]
    data, item = post["data"], sandbox.corpus.by_id[post["data"]["name"]]
    assert post["kind"] == "t3"
    assert data["title"] == item.title
    assert data["created_utc"] == sandbox.world.started - item.age_seconds
    assert (
        data["num_comments"]
        == sum(1 for other in sandbox.corpus.items_of("reddit") if other.thread_id == item.external_id) - 1
    )
    assert data["permalink"].startswith(f"/r/selfhosted/comments/{item.short_id}/sample_")
    assert data["link_flair_text"] == "SAMPLE"


def test_search_knows_words_phrases_or_and_minus(reddit, sandbox):
    def found(query):
        return {post["name"] for post in reddit.listed("/r/selfhosted/search", q=query, restrict_sr=1, type="link")}

    sync, photos = found("sync"), found("photo")
    assert sync
    assert photos
    assert found("sync OR photo") == sync | photos
    assert found("sync -notes") == {name for name in sync if "notes" not in words(sandbox.corpus.by_id[name])}
    phrase = found('"roll back"')
    assert phrase
    assert all("roll back" in " ".join(words(sandbox.corpus.by_id[name])) for name in phrase)
    assert found("zzzznothing") == set()


def words(item):
    return f"{item.title} {item.text}".lower().replace("\n", " ").replace(".", "").split()


def test_search_stays_in_the_community_only_when_told(reddit):
    here = {post["subreddit"] for post in reddit.listed("/r/homelab/search", q="backup", restrict_sr="true")}
    everywhere = {post["subreddit"] for post in reddit.listed("/r/homelab/search", q="backup")}
    assert here == {"homelab"}
    assert len(everywhere) > 1


def test_the_largest_thread_comes_in_parts_and_is_whole_in_the_end(reddit, sandbox):
    sizes = Counter(item.thread_id for item in sandbox.corpus.items_of("reddit"))
    post_id, size = sizes.most_common(1)[0]
    first = reddit.get(f"/comments/{post_id[3:]}", limit=500).json()[1]
    assert count_comments(first) == 500
    found = reddit.whole_tree(post_id[3:])
    assert set(found) == {
        item.external_id for item in sandbox.corpus.items_of("reddit") if item.thread_id == post_id
    } - {post_id}
    assert len(found) == size - 1 > 500
    assert {name: data["parent_id"] for name, data in found.items()} == {
        name: sandbox.corpus.by_id[name].parent_id for name in found
    }


def test_every_thread_of_a_community_can_be_read_whole_even_in_small_bites(reddit, sandbox):
    for post in posts_of(sandbox, "androidapps"):
        wanted = {item.external_id for item in sandbox.corpus.items_of("reddit") if item.thread_id == post.external_id}
        assert set(reddit.whole_tree(post.short_id, limit=7)) == wanted - {post.external_id}


def count_comments(listing):
    total = 0
    for child in listing["data"]["children"]:
        if child["kind"] == "t1":
            total += 1 + (count_comments(child["data"]["replies"]) if child["data"]["replies"] else 0)
    return total


def flat(children):
    for child in children:
        yield child
        if child["kind"] == "t1" and child["data"]["replies"]:
            yield from flat(child["data"]["replies"]["data"]["children"])


def deepest(sandbox):
    return max(sandbox.corpus.items_of("reddit"), key=lambda item: item.depth)


def test_below_ten_levels_stands_continue_this_thread(reddit, sandbox):
    item = deepest(sandbox)
    answer = reddit.get(f"/comments/{item.thread_id[3:]}", limit=500).json()[1]["data"]["children"]
    things = list(flat(answer))
    assert max(thing["data"]["depth"] for thing in things if thing["kind"] == "t1") == 9
    ends = [thing["data"] for thing in things if thing["kind"] == "more" and thing["data"]["id"] == "_"]
    assert ends
    assert all(end["count"] == 0 and end["children"] == [] and end["depth"] == 10 for end in ends)


def test_a_sub_thread_starts_at_its_comment_and_context_shows_its_parents(reddit, sandbox):
    item = deepest(sandbox)
    post = item.thread_id[3:]
    alone = reddit.get(f"/comments/{post}", comment=item.short_id).json()[1]["data"]["children"]
    assert [child["data"]["name"] for child in alone] == [item.external_id]
    above = reddit.get(f"/r/{item.community}/comments/{post}/_/{item.short_id}", context=2).json()[1]["data"][
        "children"
    ]
    assert item.external_id in {thing["data"]["name"] for thing in flat(above)}
    assert above[0]["data"]["name"] != item.external_id


def test_more_says_how_much_is_left_out(reddit, sandbox):
    sizes = Counter(item.thread_id for item in sandbox.corpus.items_of("reddit"))
    post_id, size = sizes.most_common(1)[0]
    things = list(flat(reddit.get(f"/comments/{post_id[3:]}", limit=50, depth=10).json()[1]["data"]["children"]))
    shown = sum(thing["kind"] == "t1" for thing in things)
    nodes = [thing["data"] for thing in things if thing["kind"] == "more" and thing["data"]["count"]]
    assert shown == 50
    assert nodes
    assert all(node["id"] == node["children"][0] and node["name"] == f"t1_{node['id']}" for node in nodes)
    assert sum(node["count"] for node in nodes) <= size - 1 - shown


def test_morechildren_answers_get_and_post_alike_flat_and_with_further_more(reddit, sandbox):
    sizes = Counter(item.thread_id for item in sandbox.corpus.items_of("reddit"))
    post_id = sizes.most_common(1)[0][0]
    tops = [item.short_id for item in sandbox.corpus.items_of("reddit") if item.parent_id == post_id]
    form = {"link_id": post_id, "children": ",".join(tops), "api_type": "json"}
    posted = reddit.post("/api/morechildren", **form).json()["json"]
    assert posted == reddit.get("/api/morechildren", **form).json()["json"]
    things = posted["data"]["things"]
    assert posted["errors"] == []
    assert sum(thing["kind"] == "t1" for thing in things) == 100
    assert any(thing["kind"] == "more" for thing in things)
    assert all(thing["data"]["replies"] == "" for thing in things if thing["kind"] == "t1")


def test_morechildren_refuses_what_it_cannot_read_with_a_web_page(reddit, sandbox):
    post_id = posts_of(sandbox)[0].external_id
    answer = reddit.get("/api/morechildren", link_id=post_id, children="<COMMENT_IDS>")
    assert answer.status == 400
    assert answer.headers["content-type"] == "text/html"
    assert answer.body.startswith(b"<html>")


def test_info_tells_of_posts_comments_and_communities(reddit, sandbox):
    item = deepest(sandbox)
    community = sandbox.corpus.communities[0].external_id
    things = reddit.get("/api/info", id=f"{item.thread_id},{item.external_id},{community},t1_zzz").json()["data"][
        "children"
    ]
    assert [thing["kind"] for thing in things] == ["t3", "t1", "t5"]


def test_removed_words_leave_their_place(reddit, sandbox):
    gone = next(
        item for item in sandbox.corpus.items_of("reddit") if item.truth.removed == "removed" and not item.is_post
    )
    data = reddit.get("/api/info", id=gone.external_id).json()["data"]["children"][0]["data"]
    assert (data["author"], data["body"]) == ("[deleted]", "[removed]")


def test_without_raw_json_three_characters_are_escaped(reddit, sandbox):
    item = next(
        item for item in sandbox.corpus.items_of("reddit") if item.truth.injection == "html" and "<" in item.text
    )
    for raw, expected in (
        (1, item.text),
        (0, item.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")),
    ):
        data = reddit.get("/api/info", id=item.external_id, raw_json=raw).json()["data"]["children"][0]["data"]
        assert data["body"] == expected


def test_limit_children_answers_only_what_was_asked_for(reddit, sandbox):
    answered = {item.parent_id for item in sandbox.corpus.items_of("reddit")}
    item = next(one for one in sandbox.corpus.items_of("reddit") if not one.is_post and one.external_id in answered)
    form = {"link_id": item.thread_id, "children": item.short_id, "limit_children": "true"}
    first, *rest = reddit.get("/api/morechildren", **form).json()["json"]["data"]["things"]
    assert first["data"]["name"] == item.external_id
    assert {thing["kind"] for thing in rest} == {"more"}


def test_morechildren_without_a_known_post_says_so_in_its_errors(reddit):
    errors = reddit.get("/api/morechildren", link_id="t3_nothing", children="a").json()["json"]["errors"]
    assert errors[0][2] == "link_id"


def test_an_unknown_path_or_post_is_not_found(reddit):
    assert reddit.get("/comments/zzzzzzz").status == 404
    assert reddit.get("/api/nothing").json() == {"message": "Not Found", "error": 404}
