from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from pydantic import ValidationError

from integrations import registry
from integrations.contracts import ItemKind, Page, Scope
from integrations.errors import ContractChanged, Gone
from integrations.sources.hackernews import HackerNews, HackerNewsConfig, HackerNewsQuery
from tests.contracts import SourceContract, ids_of
from tests.integrations.hackernews_world import START, MadeUpHackerNews, node
from tests.local_server import Reply, serve


def settings(base: str) -> HackerNewsConfig:
    return HackerNewsConfig(base_url=base)


class TestHackerNews(SourceContract):
    source = "hackernews"
    world = MadeUpHackerNews()
    expected_ids = frozenset(world.ids)
    least_requests = world.least
    links: ClassVar[dict[str, dict[str, object]]] = {
        "https://news.ycombinator.com/item?id=8863": {"story": 8863},
        "news.ycombinator.com/item?id=8863#8900": {"story": 8863},
        "https://news.ycombinator.com/": {"listing": "front_page"},
        "news.ycombinator.com/news": {"listing": "front_page"},
        "https://news.ycombinator.com/ask": {"listing": "ask_hn"},
        "https://news.ycombinator.com/show": {"listing": "show_hn"},
        "https://hn.algolia.com/?q=self+hosted&sort=byDate": {"search": "self hosted"},
        "hn:self hosted": {"search": "self hosted"},
        "HN self hosted sync": {"search": "self hosted sync"},
        "hackernews: sync": {"search": "sync"},
        "hn:41000123": {"story": 41000123},
        "hn:2024": {"search": "2024"},
        "hn:front": {"listing": "front_page"},
        "hn front page": {"listing": "front_page"},
    }
    strangers = (
        *SourceContract.strangers,
        "hn",
        "hn:",
        "hnsomething",
        "https://news.ycombinator.com/item?id=abc",
        "https://news.ycombinator.com/item",
        "https://news.ycombinator.com/user?id=pg",
        "https://news.ycombinator.com.evil.example/item?id=1",
        "https://hn.algolia.com/",
        "https://[::1",
        "hn:" + "x" * 400,
    )

    def answer(self, asked):
        return self.world.answer(asked)

    def config(self, base):
        return settings(base)

    def query(self):
        return HackerNewsQuery(search="title", kind="conversation")

    def test_a_range_of_time_is_kept(self, server) -> None:
        since, until = (datetime.fromtimestamp(START - own, UTC) for own in (2100, 1002))
        found = [item for page in self.read(server, scope=Scope(since=since, until=until))[1] for item in page]
        # Conversations are read for stories in the range, and only what of them is in it is kept.
        assert set(ids_of([found])) == {str(own) for own in [*range(1002, 1121), *range(2000, 2101)]}

    def test_a_story_comes_with_its_whole_conversation_in_one_request(self, server) -> None:
        pages, items = self.read(server, query=HackerNewsQuery(story=1110))
        found = {item.external_id: item for page in items for item in page}
        assert set(found) == {"1110"} | {str(own) for own in range(3000, 3042)}
        assert [page.requests for page in pages] == [1]
        assert found["1110"].replies == 42
        gone, below = found["3040"], found["3041"]
        assert (gone.removed, gone.text, gone.author) == (True, "", None)
        assert (below.parent_external_id, below.thread_external_id, below.removed) == ("3040", "1110", False)
        assert found["3000"].text == "Text 3000's"

    def test_a_named_comment_brings_what_is_below_it(self, server) -> None:
        _, items = self.read(server, query=HackerNewsQuery(story=3040))
        assert [(item.external_id, item.kind, item.thread_external_id) for item in items[0]] == [
            ("3040", ItemKind.COMMENT, "1110"),
            ("3041", ItemKind.COMMENT, "1110"),
        ]

    def test_keywords_choose_among_the_comments_of_a_story(self, server) -> None:
        _, items = self.read(server, query=HackerNewsQuery(story=1110), scope=Scope(keywords=("TEXT 3007", "3041'")))
        assert ids_of(items) == ["1110", "3007", "3041"]

    def test_a_single_keyword_is_part_of_the_search_and_several_choose_afterwards(self, server) -> None:
        query = HackerNewsQuery(search="title", kind="story")
        _, items = self.read(server, query=query, scope=Scope(keywords=("1003",)))
        assert ids_of(items) == ["1003"]
        assert server.asked[0].query["query"] == "title 1003"
        _, items = self.read(server, query=query, scope=Scope(keywords=("1003", "1007")))
        assert ids_of(items) == ["1003", "1007"]
        assert server.asked[1].query["query"] == "title"

    def test_a_search_goes_on_behind_the_last_hit_where_the_api_ends(self, server, monkeypatch) -> None:
        monkeypatch.setattr(self.world, "most", 50)
        for query, expected in (
            (HackerNewsQuery(search="t"), self.world.ids - {"3040"}),
            (HackerNewsQuery(search="text", kind="comment"), {str(n) for n in self.world.nodes if n > 1999} - {"3040"}),
        ):
            server.asked.clear()
            pages, items = self.read(server, query=query)
            assert sorted(ids_of(items)) == sorted(expected)
            # Each page leaves its last hit to the next one, with which it may share the second.
            assert len(server.asked) == -(-(len(expected) - 1) // 49)
            cursor = pages[1].cursor
            assert sorted(ids_of(items[:2]) + ids_of(self.read(server, cursor, query=query)[1])) == sorted(expected)

    def test_hits_of_the_same_second_are_all_found_once(self, server, monkeypatch) -> None:
        monkeypatch.setattr(self.world, "most", 50)
        hits = {own: {**entry, "created_at_i": START - own // 40 * 40} for own, entry in self.world.nodes.items()}
        monkeypatch.setattr(self.world, "nodes", hits)
        _, items = self.read(server, query=HackerNewsQuery(search="text", kind="comment"))
        found = ids_of(items)
        assert len(found) == len(set(found)) == 341

    def test_the_most_popular_are_the_first_thousand(self, server, monkeypatch) -> None:
        monkeypatch.setattr(self.world, "most", 200)
        pages, items = self.read(server, query=HackerNewsQuery(search="t", sort="popularity"))
        assert len(ids_of(items)) == 200
        assert server.asked[0].path == "/search"
        assert pages[-1].cursor is None

    def test_points_and_range_are_part_of_the_search(self, server) -> None:
        scope = Scope(since=datetime.fromtimestamp(START - 5000, UTC), until=datetime.fromtimestamp(START, UTC))
        self.read(server, query=HackerNewsQuery(search="title", points=3, kind="story"), scope=scope)
        assert server.asked[0].query["numericFilters"] == (
            f"points>=3,created_at_i>={START - 5000},created_at_i<={START}"
        )
        assert server.asked[0].query["tags"] == "story"

    def test_the_front_page_comes_with_its_conversations(self, server) -> None:
        _, items = self.read(server, query=HackerNewsQuery(listing="front_page"))
        expected = {str(own) for own in [*range(1101, 1121), *range(3000, 3042)]}
        assert sorted(ids_of(items)) == sorted(expected)
        assert [asked.path for asked in server.asked] == ["/search", "/items/1110"]

    def test_a_story_that_was_deleted_since_it_was_listed_is_passed_over(self, server) -> None:
        server.faults = lambda asked: Reply.of({"status": 404}, 404) if asked.path == "/items/1003" else None
        _, items = self.read(server)
        assert set(ids_of(items)) == self.expected_ids - {"1003"} - {str(own) for own in range(2000, 2300)}

    def test_a_story_that_is_not_there_is_gone(self, server) -> None:
        with pytest.raises(Gone, match="There is no item 7 on Hacker News"):
            self.read(server, query=HackerNewsQuery(story=7))

    def test_an_estimate_of_a_story_that_is_not_there_says_so(self, server) -> None:
        async def measure():
            async with registry.connect("hackernews", settings(server.base)) as http:
                return await HackerNews(settings(server.base), http).measure(HackerNewsQuery(story=7), Scope())

        with pytest.raises(Gone, match="There is no item 7 on Hacker News"):
            asyncio.run(measure())

    @pytest.mark.parametrize("query", [HackerNewsQuery(story=1110), HackerNewsQuery(search="t")])
    def test_an_estimate_counts_what_the_search_counts(self, server, query) -> None:
        async def measure():
            async with registry.connect("hackernews", settings(server.base)) as http:
                return await HackerNews(settings(server.base), http).measure(query, Scope())

        volume = asyncio.run(measure())
        _, items = self.read(server, query=query)
        assert volume.items[0] <= len(ids_of(items)) <= volume.items[2]
        assert volume.items[1] == pytest.approx(len(ids_of(items)), abs=2)
        assert volume.title == ("Title 1110" if query.story else "“t” on Hacker News")


def parse(*nodes: dict, hits: tuple[dict, ...] = ()):
    return HackerNews(settings("http://127.0.0.1:1"), None).parse(Page({"hits": hits, "nodes": nodes}, None, 1))


def test_polls_and_jobs_are_posts_and_the_choices_of_a_poll_are_left_out() -> None:
    poll = node(5, "poll", title="Which?")
    poll["children"] = [node(6, "pollopt", parent=5, text="This"), node(7, parent=5, story=5)]
    with serve(lambda asked: Reply.of(poll)) as server:
        _, items = TestHackerNews().read(server, query=HackerNewsQuery(story=5))
    assert [(item.external_id, item.kind) for item in items[0]] == [("5", ItemKind.POST), ("7", ItemKind.COMMENT)]


@pytest.mark.parametrize(
    "broken",
    [
        {"id": 1},
        {"id": 1, "type": "story", "children": {}},
        {"id": 1, "type": "story", "children": [7]},
        node(0, "story"),
        node(1, parent=None),
        {**node(1, "story"), "created_at_i": "yesterday"},
    ],
)
def test_a_damaged_conversation_is_a_changed_contract(broken) -> None:
    with serve(lambda asked: Reply.of(broken)) as server, pytest.raises(ContractChanged):
        TestHackerNews().read(server, query=HackerNewsQuery(story=1))


def test_words_and_times_are_kept_as_they_are() -> None:
    hit = {"objectID": "9", "_tags": ["comment"], "story_id": 1, "parent_id": 2, "created_at_i": START, "author": "ben"}
    item = parse(hits=({**hit, "comment_text": 'a &lt; b<p>see <a href="https:&#x2F;&#x2F;x.org">here</a>\x00'},))[0]
    assert item.text == "a < b\n\nsee here (https://x.org)"
    assert item.posted_at == datetime.fromtimestamp(START, UTC)
    assert item.permalink == "https://news.ycombinator.com/item?id=9"
    assert (item.community, item.author, item.upvotes) == ("Hacker News", "ben", None)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"story": 0},
        {"story": 1, "search": "x"},
        {"listing": "best"},
        {"search": "x", "kind": "comment", "points": 1},
    ],
)
def test_a_query_that_names_nothing_readable_is_refused(values) -> None:
    with pytest.raises(ValidationError):
        HackerNewsQuery.model_validate(values)


def test_the_work_of_mapping_grows_no_faster_than_the_items() -> None:
    nodes = [node(own, parent=1, story=1, text="It&#x27;s fine.<p>And <i>more</i>.") for own in range(2, 5002)]
    started = time.process_time()
    assert len(parse(*nodes)) == 5000
    assert time.process_time() - started < 30, "0.06 s of a core; each item against each other would take minutes"
