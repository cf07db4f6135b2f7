"""Reddit, through its OAuth API with client credentials (https://www.reddit.com/dev/api).

    listing or search page ─▶ for each post with comments: tree ─▶ morechildren in batches ─▶ continued threads
           ▲                                                                                        │
           └────────────────────────────── next page, until `since` ◀───────────────────────────────┘

One step is one request and one page. The cursor holds what is still to do: where the listing goes on, the posts whose
trees are missing, and what is missing of the tree at hand. Keywords become a search where Reddit can search (posts by
title and text; whole conversations are kept); for a single post they choose among its comments.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import SecretStr

from integrations import paging
from integrations.contracts import (
    AuthMethod,
    CollectedItem,
    Cursor,
    Limits,
    Page,
    ProviderConfig,
    Scope,
    SourceQuery,
    Volume,
)
from integrations.errors import Gone, Rejected
from integrations.http import HttpClient
from integrations.quota import Quota
from integrations.sources import _reddit_shapes as shapes
from integrations.sources import _reddit_volume as volumes
from integrations.sources._reddit_calls import BATCH, Calls, listing_call
from integrations.sources._reddit_progress import Progress, Tree, expected_items, resumed, still_missing
from integrations.sources._reddit_query import RedditConfig, RedditQuery, recognise

_TREE_SORT = "confidence"
"""Named, because a post may suggest an order (`qa`) that hides comments."""


class Reddit:
    """Posts and comments of Reddit."""

    id: ClassVar[str] = "reddit"
    label: ClassVar[str] = "Reddit"
    noun: ClassVar[str] = "subreddit"
    auth: ClassVar[AuthMethod] = AuthMethod.CLIENT_CREDENTIALS
    limits: ClassVar[Limits] = Limits(requests_per_minute=100, page_size=100)
    """https://support.reddithelp.com/hc/en-us/articles/16160319875092-Reddit-Data-API-Wiki"""
    quota: ClassVar[Quota | None] = None
    stored: ClassVar[bool] = False
    Config: ClassVar[type[ProviderConfig]] = RedditConfig
    Query: ClassVar[type[SourceQuery]] = RedditQuery

    def __init__(self, config: ProviderConfig, http: HttpClient) -> None:
        self._calls = Calls(RedditConfig.model_validate(config, from_attributes=True), http)
        self._http = http

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True when client id and secret are set."""
        secret = getattr(config, "client_secret", None)
        return (
            bool(getattr(config, "client_id", "")) and isinstance(secret, SecretStr) and bool(secret.get_secret_value())
        )

    @classmethod
    def recognise(cls, text: str) -> RedditQuery | None:
        """Return the query of a Reddit link or of a name like `r/selfhosted`; None for everything else."""
        try:
            return recognise(text)
        except ValueError:
            return None

    async def pages(self, query: SourceQuery, scope: Scope, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield posts, then the conversations below them, page by page. Raises `ProviderError`."""
        wanted = RedditQuery.model_validate(query, from_attributes=True)
        state = resumed(wanted, cursor)
        while not state.finished():
            before = self._http.requests
            if state.tree is None and state.posts:
                (post, comments), *state.posts = state.posts
                state.tree = Tree(post=post, expected=comments)
            if state.tree is not None:
                posts, comments_read = await self._read_tree(wanted, state.tree)
                if not state.tree.unread():
                    state.tree = None
            else:
                posts, comments_read = await self._read_listing(wanted, scope, state), []
            posts, kept = _select(wanted, scope, posts, comments_read)
            posts, kept = paging.within_limit(scope, state.items, posts, kept)
            state.items += len(posts) + len(kept)
            last = state.finished() or paging.is_enough(scope, state.items)
            yield Page(
                payload={"posts": posts, "comments": kept},
                cursor=None if last else state.model_dump(mode="json"),
                requests=self._http.requests - before,
                expected_items=state.items if last else expected_items(state, scope),
            )
            if last:
                return

    def parse(self, page: Page) -> Sequence[CollectedItem]:
        """Map the posts and comments of one page, in their order. Raises `ContractChanged`."""
        try:
            items = [shapes.post_item(thing) for thing in page.payload["posts"]]
            items.extend(shapes.comment_item(thing) for thing in page.payload["comments"])
        except (AttributeError, KeyError, TypeError):
            raise shapes.changed("a page without its posts and comments") from None
        return items

    async def measure(self, query: SourceQuery, scope: Scope) -> Volume:
        """Estimate from the first page of posts, in one or two calls. Raises `ProviderError`."""
        wanted = RedditQuery.model_validate(query, from_attributes=True)
        if wanted.post:
            answer = await self._calls.read(wanted, f"/comments/{wanted.post}", {"limit": 1, "sort": _TREE_SORT})
            return volumes.of_post(shapes.conversation(answer)[0], scope)
        title, members = wanted.label(), None
        if wanted.subreddit and not wanted.search:
            about = shapes.listing(await self._calls.read(wanted, f"/r/{wanted.subreddit}/about", {}))
            title, members = str(about.get("display_name_prefixed") or title), about.get("subscribers")
        path, params = listing_call(wanted, scope)
        listing = shapes.listing(await self._calls.read(wanted, path, params))
        return volumes.of_listing(
            shapes.posts(listing),
            goes_on=bool(listing.get("after")),
            newest_first=wanted.sort == "new",
            scope=scope,
            now=datetime.now(UTC),
            title=title,
            members=members,
        )

    async def _read_listing(self, query: RedditQuery, scope: Scope, state: Progress) -> list[shapes.Thing]:
        """Read the next page of posts and note whose conversations follow, and where the listing goes on."""
        path, params = listing_call(query, scope)
        listing = shapes.listing(await self._calls.read(query, path, {**params, "after": state.after or None}))
        posts = shapes.posts(listing)
        after = listing.get("after")
        if after is not None and not isinstance(after, str):
            raise shapes.changed("a listing without the mark of its next page")
        # Pinned posts stand out of order.
        times = [shapes.created(post) for post in posts if post.get("stickied") is not True]
        if times:
            state.newest = times[0] if state.newest is None else state.newest
            state.oldest = times[-1]
        state.listed += len(posts)
        # The newest come first, so the page that reaches past `since` is the last one.
        passed = query.sort == "new" and scope.since and times and times[-1] < scope.since.timestamp()
        state.after = None if passed or not posts or after == state.after else after or None
        state.posts = [
            (shapes.identifier(post), comments)
            for post in posts
            if (comments := shapes.count(post, "num_comments") or 0) > 0 and _in_range(post, scope)
        ]
        return posts

    async def _read_tree(self, query: RedditQuery, tree: Tree) -> tuple[list[shapes.Thing], list[shapes.Thing]]:
        """Make the next call for one conversation and note in `tree` what is still missing after it."""
        posts: list[shapes.Thing] = []
        asked: list[str] = []
        params: dict[str, str | int] = {"limit": 500, "sort": _TREE_SORT}
        try:
            if tree.calls_left is None:
                answer = await self._calls.read(query, f"/comments/{tree.post}", params)
                post, things = shapes.conversation(answer)
                found = shapes.branches(things, everything=True)
                posts = [post] if query.post else []
                tree.expected = shapes.count(post, "num_comments") or tree.expected
                tree.calls_left = max(tree.expected, len(found.comments) + len(found.more)) + 10
            elif tree.more:
                asked = tree.more[:BATCH]
                form = {"api_type": "json", "link_id": f"t3_{tree.post}", "children": ",".join(asked)}
                answer = await self._calls.send(query, "/api/morechildren", {**form, "sort": _TREE_SORT})
                found = shapes.branches(shapes.more_things(answer), asked=asked)
            else:
                thread = tree.threads[0]
                answer = await self._calls.read(query, f"/comments/{tree.post}/_/{thread}", params)
                found = shapes.branches(shapes.conversation(answer)[1], below=thread)
        except Rejected as error:
            closed = isinstance(error, Gone) or error.status == 403
            if not closed or (query.post and tree.calls_left is None):
                raise
            # Deleted or closed since it was listed: that there is nothing more is the answer.
            found = shapes.Branches()
            tree.calls_left = tree.calls_left or 1
        tree.threads = (tree.threads if asked else tree.threads[1:]) + found.threads
        tree.more = still_missing(tree.more[len(asked) :], asked, found)
        tree.got += len(found.comments)
        tree.calls_left -= 1
        return posts, found.comments


def _select(
    query: RedditQuery, scope: Scope, posts: list[shapes.Thing], comments: list[shapes.Thing]
) -> tuple[list[shapes.Thing], list[shapes.Thing]]:
    """Leave out what was not asked for; a post that was named itself always stays."""
    if not query.post:
        posts = [post for post in posts if _in_range(post, scope)]
    comments = [comment for comment in comments if _in_range(comment, scope)]
    if query.post and scope.keywords:
        comments = [comment for comment in comments if paging.says_any(str(comment.get("body") or ""), scope.keywords)]
    return posts, comments


def _in_range(thing: shapes.Thing, scope: Scope) -> bool:
    return paging.in_range(scope, thing, shapes.created)
