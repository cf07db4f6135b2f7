"""Answers that are good JSON and wrong: each becomes items or a typed error, never anything else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.contracts import Page
from integrations.errors import ContractChanged, ProviderError
from integrations.sources import _reddit_shapes as shapes
from integrations.sources.reddit import Reddit, RedditConfig, RedditQuery
from tests.integrations.reddit_world import comment, listing, post
from tests.integrations.sources.test_reddit import TestReddit as Contract
from tests.local_server import Reply, serve

STRANGE = [
    None,
    True,
    0,
    -1,
    1.5,
    1e308,
    "",
    "x",
    "\ud800",
    "\x00",
    "x" * 100_000,
    [],
    [[]],
    [None],
    {},
    {"data": None},
    2**70,
]
reddit = Reddit(RedditConfig(), None)


def parse(posts, comments):
    """Return the items, or None for the one error that parse may raise."""
    try:
        return reddit.parse(Page({"posts": posts, "comments": comments}, None, 1))
    except ContractChanged:
        return None


def check(items) -> None:
    for item in items or ():
        item.text.encode()  # storable
        (item.title or "").encode()
        (item.author or "").encode()
        assert "\x00" not in item.text + (item.title or "") + (item.author or "")
        assert item.posted_at.utcoffset().total_seconds() == 0
        assert item.permalink.startswith("https://www.reddit.com/")
        assert item.upvotes is None or abs(item.upvotes) < 2**31
        assert item.replies is None or abs(item.replies) < 2**31
        assert item.external_id[:3] in {"t1_", "t3_"}


@pytest.mark.parametrize("field", sorted(post("a", 1)["data"]))
def test_a_post_with_one_strange_field_is_tolerated_or_refused(field) -> None:
    for value in [*STRANGE, float("nan"), float("inf")]:
        check(parse([{**post("abc", 1)["data"], field: value}], []))


@pytest.mark.parametrize("field", sorted(comment("a", "b", "t3_b")["data"]))
def test_a_comment_with_one_strange_or_missing_field_is_tolerated_or_refused(field) -> None:
    good = comment("abc", "def", "t3_def")["data"]
    check(parse([], [{name: value for name, value in good.items() if name != field}]))
    for value in [*STRANGE, float("nan"), float("-inf")]:
        check(parse([], [{**good, field: value}]))


def test_what_makes_an_item_must_be_there_and_the_rest_may_be_missing() -> None:
    item = parse([], [{"id": "a", "link_id": "t3_b", "parent_id": "t3_b", "subreddit": "x", "created_utc": 1}])[0]
    assert (item.author, item.text, item.upvotes, item.removed) == (None, "", None, False)
    for field in ("id", "link_id", "parent_id", "subreddit", "created_utc"):
        good = comment("abc", "def", "t3_def")["data"]
        assert parse([], [{**good, field: None}]) is None


@pytest.mark.parametrize(
    "payload", [None, [], "x", 7, {}, {"posts": None, "comments": []}, {"posts": [None], "comments": []}]
)
def test_a_page_that_is_none_is_refused(payload) -> None:
    with pytest.raises(ContractChanged):
        reddit.parse(Page(payload, None, 1))


@pytest.mark.parametrize(
    "link", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "/r/x\n"]
)
def test_a_permalink_never_leads_elsewhere(link) -> None:
    item = parse([{**post("abc", 1)["data"], "permalink": link}], [])[0]
    assert item.permalink == "https://www.reddit.com/comments/abc/"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
changes = st.dictionaries(
    st.sampled_from(sorted({*post("a", 1)["data"], *comment("a", "b", "t3_b")["data"], "removed_by_category"})),
    values,
    max_size=4,
)


@given(changes, changes)
@settings(max_examples=150, deadline=None)
def test_whatever_the_fields_hold_parse_gives_storable_items_or_a_typed_error(for_post, for_comment) -> None:
    check(parse([{**post("abc", 1)["data"], **for_post}], [{**comment("d", "abc", "t3_abc")["data"], **for_comment}]))


@given(values)
@settings(max_examples=150, deadline=None)
def test_whatever_an_answer_holds_reading_its_shape_raises_nothing_but_typed_errors(value) -> None:
    thing = {"kind": "t1", "data": {**comment("a", "b", "t3_b")["data"], "replies": value}}
    for read in (
        lambda: shapes.posts(shapes.listing(value)),
        lambda: shapes.conversation(value),
        lambda: shapes.conversation([listing([post("a", 1)]), value]),
        lambda: shapes.more_things(value),
        lambda: shapes.more_things({"json": value}),
        lambda: shapes.branches(value, everything=True),
        lambda: shapes.branches([thing], asked=["a"]),
        lambda: shapes.branches([{"kind": "more", "data": {"parent_id": "t1_a", "children": value}}], below="a"),
    ):
        with contextlib.suppress(ProviderError):
            read()


@pytest.mark.parametrize("path", ["/r/cheese/new", "/comments/p3", "/api/morechildren", "/comments/p120/_/d3"])
def test_a_strange_answer_at_any_step_is_a_typed_error_over_real_http(path) -> None:
    bodies = [
        json.dumps(value).encode()
        for value in [*STRANGE, [listing([]), {}], [listing([post("a", 1)]), None], {"json": {}}]
    ]
    for body in bodies:
        with serve(
            lambda asked, body=body: Reply(body) if asked.path == path else Contract.world.answer(asked)
        ) as server:
            if body == b'{"json": {}}' and path == "/api/morechildren":
                Contract().read(
                    server, query=RedditQuery(subreddit="cheese")
                )  # Reddit's way to say that there is nothing
                continue
            with pytest.raises(ContractChanged):
                Contract().read(server, query=RedditQuery(subreddit="cheese"))


def test_a_thread_deeper_than_the_stack_of_python_is_read() -> None:
    deep: list = []
    for number in range(5000, 0, -1):
        thing = comment(f"c{number}", "p", f"t1_c{number - 1}" if number > 1 else "t3_p")
        thing["data"]["replies"] = listing(deep) if deep else ""
        deep = [thing]
    assert len(shapes.branches(deep, everything=True).comments) == 5000


def test_comments_whose_parents_run_in_a_circle_are_left_out() -> None:
    things = [
        comment("a", "p", "t1_b"),
        comment("b", "p", "t1_a"),
        comment("c", "p", "t1_x"),
        comment("d", "p", "t1_c"),
    ]
    assert [thing["id"] for thing in shapes.branches(things, asked=["c"]).comments] == ["c", "d"]


def test_children_may_come_before_their_parents() -> None:
    things = [
        comment("b", "p", "t1_a"),
        comment("z", "p", "t1_y"),
        comment("a", "p", "t3_p"),
        comment("b", "p", "t1_a"),
    ]
    assert {thing["id"] for thing in shapes.branches(things, asked=["a"]).comments} == {"a", "b"}
