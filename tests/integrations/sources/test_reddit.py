from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest
from pydantic import ValidationError

from integrations import registry
from integrations.contracts import ItemKind, Page, Scope
from integrations.errors import ContractChanged, Gone, NeedsReauth, RateLimited, Rejected
from integrations.sources import _reddit_query
from integrations.sources.reddit import Reddit, RedditConfig, RedditQuery
from tests.contracts import SourceContract, ids_of
from tests.integrations.reddit_world import (
    START,
    TOKEN,
    MadeUpReddit,
    RecordedTree,
    comment,
    is_login,
    listing,
    post,
    recorded,
    token,
)
from tests.local_server import Reply, serve

SECRET = "made-up-secret-of-the-client"


def settings(base: str, **more) -> RedditConfig:
    return RedditConfig(
        base_url=base, auth_url=f"{base}/api/v1/access_token", client_id="client", client_secret=SECRET, **more
    )


class TestReddit(SourceContract):
    source = "reddit"
    world = MadeUpReddit()
    expected_ids = frozenset(world.ids)
    least_requests = world.least
    secrets = (SECRET, TOKEN)
    links: ClassVar[dict[str, dict[str, object]]] = {
        "r/selfhosted": {"subreddit": "selfhosted"},
        " /r/selfhosted/ ": {"subreddit": "selfhosted"},
        "https://www.reddit.com/r/selfhosted": {"subreddit": "selfhosted"},
        "reddit.com/r/selfhosted/?utm_source=share": {"subreddit": "selfhosted"},
        "https://old.reddit.com/r/selfhosted/top/?t=year": {"subreddit": "selfhosted", "sort": "top"},
        "https://new.reddit.com/r/selfhosted/new/": {"subreddit": "selfhosted"},
        "https://www.reddit.com/r/funny/comments/3hahrw/ba_dum_tsss/": {"post": "3hahrw"},
        "https://www.reddit.com/r/funny/comments/3hahrw/ba_dum_tsss/cu5tgzu/?context=3": {"post": "3hahrw"},
        "https://old.reddit.com/comments/3hahrw": {"post": "3hahrw"},
        "https://redd.it/3hahrw": {"post": "3hahrw"},
        "redd.it/3HAHRW": {"post": "3hahrw"},
        "https://www.reddit.com/search/?q=sync%20offline&sort=top": {"search": "sync offline", "sort": "top"},
        "https://www.reddit.com/r/selfhosted/search?q=sync&restrict_sr=on": {
            "subreddit": "selfhosted",
            "search": "sync",
        },
        "https://www.reddit.com/r/selfhosted/search?q=sync&restrict_sr=off": {"search": "sync"},
    }
    strangers = (
        *SourceContract.strangers,
        "r/a",
        "r/" + "x" * 22,
        "r/bad-name",
        "u/someone",
        "https://www.reddit.com/",
        "https://reddit.com.evil.example/r/x1",
        "https://notreddit.com/r/x1",
        "https://www.reddit.com/r/x1/wiki/index",
        "https://www.reddit.com/comments/<script>",
        "https://[::1",
        "javascript:alert(1)//reddit.com/r/abc",
        "r/x" * 900,
    )

    def answer(self, asked):
        return self.world.answer(asked)

    def config(self, base):
        return settings(base)

    def query(self):
        return RedditQuery(subreddit="cheese")

    def is_login(self, asked):
        return is_login(asked)

    def test_refused_keys_need_a_person(self, server) -> None:
        for reply in (Reply.of({"error": "invalid_client"}, 401), Reply.of({"error": "invalid_grant"}, 200)):
            assert isinstance(self.failure(server, reply, login=True), NeedsReauth)
        assert len(server.asked) == 2

    def test_an_expired_token_is_replaced_once_and_nobody_notices(self, server) -> None:
        self.read(server, most=1)
        server.faults = lambda asked: Reply.of({}, 401) if len(server.asked) == 3 else None
        _, items = self.read(server)
        assert sorted(ids_of(items)) == sorted(self.expected_ids)
        assert sum(is_login(asked) for asked in server.asked) == 2

    def test_a_used_up_limit_stops_before_the_next_call_and_says_how_long(self, server) -> None:
        server.faults = lambda asked: (
            None
            if is_login(asked)
            else Reply(
                self.world.answer(asked).body, headers={"x-ratelimit-remaining": "0.0", "x-ratelimit-reset": "42"}
            )
        )
        with pytest.raises(RateLimited) as caught:
            self.read(server)
        assert 30 < caught.value.retry_after <= 42
        assert len(server.asked) == 2

    def test_reading_stops_at_the_page_that_passes_the_start_of_the_range(self, server) -> None:
        since = datetime.fromtimestamp(START, UTC) - timedelta(seconds=600 * 50)
        _, items = self.read(server, scope=Scope(since=since))
        listings = [asked for asked in server.asked if asked.path == "/r/cheese/new"]
        assert len(listings) == 1
        assert {item for item in ids_of(items) if item.startswith("t3")} == {f"t3_p{number}" for number in range(51)}

    def test_keywords_search_posts_and_keep_their_whole_conversations(self, server) -> None:
        _, items = self.read(server, scope=Scope(keywords=("3", "7")))
        assert sorted(ids_of(items)) == sorted(
            {"t3_p3", "t3_p7", "t1_gone", "t1_orphan"} | {name for name in self.expected_ids if name.startswith("t1_w")}
        )
        assert server.asked[1].query["q"] == '"3" OR "7"'
        assert server.asked[1].query["restrict_sr"] == "1"

    def test_keywords_choose_among_the_comments_of_a_named_post(self, server) -> None:
        _, items = self.read(server, query=RedditQuery(post="p3"), scope=Scope(keywords=("answer W7",)))
        expected = {"t3_p3", "t1_w7"} | {f"t1_w{number}" for number in range(70, 80)}
        assert set(ids_of(items)) == expected

    def test_a_post_that_was_deleted_since_it_was_listed_is_passed_over(self, server) -> None:
        server.faults = lambda asked: Reply.of({}, 404) if asked.path == "/comments/p3" else None
        _, items = self.read(server)
        assert sorted(ids_of(items)) == sorted(name for name in self.expected_ids if not name.startswith("t1_w"))

    def test_a_named_post_that_is_not_there_is_gone(self, server) -> None:
        with pytest.raises(Gone, match="There is no post nothere"):
            self.read(server, query=RedditQuery(post="nothere"))

    def test_a_community_that_is_not_there_is_gone_also_when_reddit_redirects_to_its_search(self, server) -> None:
        server.faults = lambda asked: (
            Reply(status=302, headers={"location": "/subreddits/search?q=cheese"})
            if asked.path.startswith("/r/")
            else Reply.of(listing([]))
            if asked.path.startswith("/subreddits")
            else None
        )
        with pytest.raises(Gone, match="There is no r/cheese"):
            self.read(server)

    def test_a_private_community_says_so(self, server) -> None:
        error = self.failure(server, Reply.of({"reason": "private", "message": "Forbidden", "error": 403}, 403))
        assert type(error) is Rejected
        assert "r/cheese" in str(error)
        assert "private" in str(error)

    def test_an_unreadable_cursor_starts_again(self, server) -> None:
        _, items = self.read(server, {"posts": "what is this"})
        assert sorted(ids_of(items)) == sorted(self.expected_ids)

    def test_removed_and_deleted_are_marked_and_hold_no_words(self, server) -> None:
        items = {item.external_id: item for page in self.read(server)[1] for item in page}
        gone, orphan = items["t1_gone"], items["t1_orphan"]
        assert (gone.removed, gone.text, gone.author) == (True, "", None)
        assert (orphan.removed, orphan.author, orphan.parent_external_id) == (False, None, "t1_gone")

    def test_a_conversation_that_runs_in_circles_ends(self, server) -> None:
        def circle(asked):
            if asked.path != "/api/morechildren":
                return None
            things = [
                {"kind": "t1", "data": {**self.world.below["t3_p3"][0]["data"], "id": name}}
                for name in asked.form["children"].split(",")
            ]
            more = {
                "id": "x",
                "count": 1,
                "parent_id": f"t1_{things[0]['data']['id']}",
                "children": [f"x{len(server.asked)}"],
            }
            return Reply.of({"json": {"errors": [], "data": {"things": [*things, {"kind": "more", "data": more}]}}})

        server.faults = circle
        self.read(server, query=RedditQuery(post="p3"))
        assert len(server.asked) < 300

    @pytest.mark.parametrize(("cut", "announced"), [(60, False), (60, True), (20, True)])
    def test_comments_that_a_full_answer_leaves_out_are_asked_for_again(self, server, cut, announced) -> None:
        def cutting(asked):
            if asked.path != "/api/morechildren":
                return None
            reply = json.loads(self.world.answer(asked).body)
            things = reply["json"]["data"]["things"]
            rest = [thing["data"]["id"] for thing in things[cut:]]
            more = {"kind": "more", "data": {"id": "m", "count": len(rest), "parent_id": "t3_p3", "children": rest}}
            reply["json"]["data"]["things"] = things[:cut] + ([more] if announced and rest else [])
            return Reply.of(reply)

        server.faults = cutting
        _, items = self.read(server, query=RedditQuery(post="p3"))
        assert len(ids_of(items)) == len(set(ids_of(items))) == 1 + 260
        assert len([asked for asked in server.asked if asked.path == "/api/morechildren"]) == 240 / cut

    def test_comments_that_no_answer_brings_are_asked_for_no_more_than_twice(self, server) -> None:
        lost = {"w30", "w200", "w250"}

        def forgetful(asked):
            if asked.path != "/api/morechildren":
                return None
            reply = json.loads(self.world.answer(asked).body)
            things = reply["json"]["data"]["things"]
            reply["json"]["data"]["things"] = [thing for thing in things if thing["data"]["id"] not in lost]
            return Reply.of(reply)

        server.faults = forgetful
        _, items = self.read(server, query=RedditQuery(post="p3"))
        assert len(ids_of(items)) == 1 + 260 - 3
        names = Counter(
            name for asked in server.asked if asked.form.get("children") for name in asked.form["children"].split(",")
        )
        assert max(names.values()) <= 2


@pytest.mark.parametrize("whole", [False, True])
def test_the_recorded_conversation_of_536_comments_is_stored_once_with_its_parents(whole) -> None:
    replay = RecordedTree(whole=whole)
    truth: dict[str, str] = {}

    def walk(children):
        for child in children:
            if child["kind"] == "t1":
                truth[child["data"]["name"]] = child["data"]["parent_id"]
                if child["data"]["replies"]:
                    walk(child["data"]["replies"]["data"]["children"])

    for text in replay.trees.values():
        walk(json.loads(text)[1]["data"]["children"])
    for _, things in replay.batches:
        walk(things)
    assert len(truth) == 536
    with serve(replay.answer) as server:
        pages, items = TestReddit().read(server, query=RedditQuery(post="3hahrw"))
        found = [item for page in items for item in page]
        assert Counter(item.external_id for item in found) == Counter(["t3_3hahrw", *truth])
        for item in found:
            if item.kind is ItemKind.COMMENT:
                assert item.parent_external_id == truth[item.external_id]
                assert item.thread_external_id == "t3_3hahrw"
                assert item.community == "r/funny"
        for done in range(1, len(pages)):
            _, rest = TestReddit().read(server, pages[done - 1].cursor, query=RedditQuery(post="3hahrw"))
            assert sorted(ids_of(items[:done]) + ids_of(rest)) == sorted(["t3_3hahrw", *truth])


@pytest.mark.parametrize(
    ("name", "query", "scope"),
    [
        ("TestSubredditListings.test_new", RedditQuery(subreddit="askreddit"), Scope()),
        ("TestSubredditListings.test_hot", RedditQuery(subreddit="askreddit", sort="hot"), Scope()),
        ("TestSubreddit.test_search", RedditQuery(search="praw oauth search"), Scope()),
    ],
)
def test_every_post_of_a_recorded_listing_is_accounted_for(name, query, scope) -> None:
    answer = json.loads(recorded(name)[1]["response"]["text"])
    posts = {child["data"]["name"]: child["data"] for child in answer["data"]["children"]}

    def replay(asked):
        if is_login(asked):
            return token()
        return Reply.of(answer if "after" not in asked.query else listing([]))

    with serve(replay) as server:
        pages, items = TestReddit().read(server, query=query, scope=scope, most=1)
    found = {item.external_id: item for item in items[0]}
    assert set(found) == set(posts)
    assert len(items[0]) == len(posts)
    pending = {f"t3_{post}": comments for post, comments in pages[0].cursor["posts"]}
    assert pending == {name: data["num_comments"] for name, data in posts.items() if data["num_comments"]}
    for external_id, item in found.items():
        assert item.title == posts[external_id]["title"]
        assert item.posted_at.timestamp() == posts[external_id]["created_utc"]
        assert item.permalink == f"https://www.reddit.com{posts[external_id]['permalink']}"


def test_the_recorded_web_page_with_status_400_is_a_typed_error_with_a_sample() -> None:
    exchange = recorded("TestReddit.test_bad_request_without_json_text_html_response")[1]["response"]

    def replay(asked):
        return token() if is_login(asked) else Reply.page(exchange["text"], status=400)

    with serve(replay) as server, pytest.raises(Rejected) as caught:
        TestReddit().read(server)
    assert caught.value.status == 400
    assert "400 Bad request" in caught.value.sample
    assert len(caught.value.sample) <= 300


def test_a_recorded_comment_that_was_removed_is_not_invented_and_the_rest_is_kept() -> None:
    info, tree = (
        exchange["response"]["text"] for exchange in recorded("TestComment.test_refresh__removed_comment")[1:]
    )
    removed = json.loads(info)["data"]["children"][0]["data"]["name"]

    def replay(asked):
        if is_login(asked):
            return token()
        if asked.path == "/api/morechildren":  # nothing of it was recorded
            return Reply.of({"json": {"errors": [], "data": {"things": []}}})
        return Reply(tree.encode()) if asked.path == "/comments/6wmniq" else Reply.of({}, 404)

    with serve(replay) as server:
        _, items = TestReddit().read(server, query=RedditQuery(post="6wmniq"))
        names = [
            name for asked in server.asked if "children" in asked.form for name in asked.form["children"].split(",")
        ]
    found = ids_of(items)
    assert len(found) == len(set(found)) == 1 + 200
    assert removed not in found
    assert max(Counter(names).values()) == 1, "what gave nothing is not asked for again"


@pytest.mark.parametrize("words", ["[removed]", "[deleted]", "[ Removed by Reddit ]", None])
def test_words_that_were_taken_away_are_marked(words) -> None:
    payload = {
        "posts": [
            post("abc", 1, selftext=words or "[removed]", title="Still here", removed_by_category="moderator")["data"]
        ],
        "comments": [comment("def", "abc", "t3_abc", body=words or "[deleted]")["data"]],
    }
    items = Reddit(settings("http://127.0.0.1:1"), None).parse(Page(payload, None, 1))
    assert [(item.text, item.removed) for item in items] == [("", True), ("", True)]
    assert items[0].title == "Still here"


@pytest.mark.parametrize(
    ("days", "span"), [(1, "day"), (7, "week"), (30, "month"), (200, "year"), (900, "all"), (None, "all")]
)
def test_the_top_posts_are_those_of_the_range_that_was_asked_for(days, span) -> None:
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    with serve(TestReddit.world.answer) as server:
        TestReddit().read(server, query=RedditQuery(subreddit="cheese", sort="top"), scope=Scope(since=since), most=1)
    assert (server.asked[1].path, server.asked[1].query["t"]) == ("/r/cheese/top", span)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"subreddit": "a"},
        {"subreddit": "has space"},
        {"post": "../x"},
        {"post": "abc", "search": "x"},
        {"sort": "worst", "subreddit": "abc"},
    ],
)
def test_a_query_that_names_nothing_readable_is_refused(values) -> None:
    with pytest.raises(ValidationError):
        RedditQuery.model_validate(values)


def test_names_are_taken_with_their_prefixes() -> None:
    assert RedditQuery(subreddit="/r/selfhosted/").subreddit == "selfhosted"
    assert RedditQuery(post="t3_3hahrw").post == "3hahrw"


def test_a_search_that_is_too_long_for_reddit_says_so_before_any_call() -> None:
    with serve(lambda asked: token()) as server, pytest.raises(Rejected, match="fewer or shorter keywords"):
        TestReddit().read(server, scope=Scope(keywords=tuple(f"keyword number {number}" for number in range(40))))
    assert not server.asked


def test_an_estimate_of_a_busy_community_follows_its_pace() -> None:
    now = datetime.now(UTC)
    newest = [post(f"n{number}", number, 4, created_utc=now.timestamp() - number * 864) for number in range(100)]

    def answer(asked):
        if is_login(asked):
            return token()
        if asked.path.endswith("/about"):
            return Reply.of({"kind": "t5", "data": {"display_name_prefixed": "r/Cheese", "subscribers": 412_000}})
        return Reply.of(listing(newest, "t3_n99"))

    async def measure(base):
        async with registry.connect("reddit", settings(base)) as http:
            scope = Scope(since=now - timedelta(days=3))
            return await Reddit(settings(base), http).measure(RedditQuery(subreddit="cheese"), scope)

    with serve(answer) as server:
        volume = asyncio.run(measure(server.base))
    low, likely, high = volume.items
    assert low < 1500 < high  # 100 posts a day for 3 days, 4 comments each
    assert likely == pytest.approx(1500, rel=0.05)
    assert volume.requests[1] == pytest.approx(1 + 3 + 300, rel=0.05)
    assert volume.title == "r/Cheese"
    assert "412,000 members." in volume.assumptions


def test_an_answer_without_its_post_is_a_changed_contract() -> None:
    def answer(asked):
        return token() if is_login(asked) else Reply.of([listing([]), listing([])])

    with serve(answer) as server, pytest.raises(ContractChanged):
        TestReddit().read(server, query=RedditQuery(post="abc"))


def test_one_place_however_it_is_written_and_two_ways_of_reading_it_are_two() -> None:
    written = [_reddit_query.recognise(text) for text in ("r/SelfHosted", "https://www.reddit.com/r/selfhosted/")]
    assert len({query.identity() for query in written if query}) == 1
    other = RedditQuery(subreddit="selfhosted", sort="top")
    assert other.identity() != RedditQuery(subreddit="selfhosted").identity()
