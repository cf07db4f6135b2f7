"""Reddit, through its OAuth API with client credentials (https://www.reddit.com/dev/api).

    listing or search page ─▶ for each post with comments: tree ─▶ morechildren in batches ─▶ continued threads
           ▲                                                                                        │
           └────────────────────────────── next page, until `since` ◀───────────────────────────────┘

One step is one request and one page. The cursor holds what is still to do: where the listing goes on, the posts whose
trees are missing, and what is missing of the tree at hand. Keywords become a search where Reddit can search (posts by
title and text; whole conversations are kept); for a single post they choose among its comments.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from pydantic import BaseModel, SecretStr, ValidationError

from integrations.contracts import (
    AuthMethod,
    CollectedItem,
    Cursor,
    JsonValue,
    Limits,
    Page,
    ProviderConfig,
    Scope,
    SourceQuery,
    Volume,
)
from integrations.errors import Gone, ProviderError, RateLimited, Rejected
from integrations.http import HttpClient, ResponseFacts
from integrations.oauth import ClientCredentials
from integrations.quota import Quota
from integrations.retry_after import retry_after_seconds
from integrations.sources import _reddit_shapes as shapes
from integrations.sources import _reddit_volume as volumes
from integrations.sources._reddit_query import RedditConfig, RedditQuery, recognise

_BATCH = 100
"""Most ids per `morechildren` call (https://www.reddit.com/dev/api#GET_api_morechildren)."""

_LONGEST_SEARCH = 512
"""Characters in a search (https://www.reddit.com/dev/api#GET_search)."""

_CUT = 50
"""An answer to `morechildren` with this many comments may have been cut short (recorded ones end at 91 to 93), so ids
that it leaves out are asked for again; after a shorter one they are gone."""

_TREE_SORT = "confidence"
"""Named, because a post may suggest an order (`qa`) that hides comments."""


class _Tree(BaseModel):
    """What is still missing of one post's conversation."""

    post: str
    expected: int = 0
    got: int = 0
    calls_left: int | None = None
    """None before the first call. Each call brings a comment or ends a branch, so a tree that uses up more calls than
    it has comments runs in circles and is left."""
    more: list[str] = []
    threads: list[str] = []

    def unread(self) -> bool:
        return self.calls_left is None or (self.calls_left > 0 and bool(self.more or self.threads))


class _Progress(BaseModel):
    """The cursor: everything that is needed to go on in another process."""

    after: str | None = ""
    """Name of the last post seen; empty before the first page, None when the listing is over."""
    posts: list[tuple[str, int]] = []
    """Posts whose trees are still to be read, with their number of comments; at most one page of them."""
    tree: _Tree | None = None
    items: int = 0
    listed: int = 0
    newest: float | None = None
    oldest: float | None = None

    def finished(self) -> bool:
        return self.after is None and not self.posts and self.tree is None


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
        self._config = RedditConfig.model_validate(config, from_attributes=True)
        self._http = http
        self._login = ClientCredentials(self._config.auth_url, self._config.client_id, self._config.client_secret)
        self._open_again_at = 0.0

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
        state = _resume(wanted, cursor)
        while not state.finished():
            before = self._http.requests
            if state.tree is None and state.posts:
                (post, comments), *state.posts = state.posts
                state.tree = _Tree(post=post, expected=comments)
            if state.tree is not None:
                posts, comments_read = await self._read_tree(wanted, state.tree)
                if not state.tree.unread():
                    state.tree = None
            else:
                posts, comments_read = await self._read_listing(wanted, scope, state), []
            posts, kept = _select(wanted, scope, posts, comments_read)
            if scope.item_limit is not None:
                posts = posts[: scope.item_limit - state.items]
                kept = kept[: scope.item_limit - state.items - len(posts)]
            state.items += len(posts) + len(kept)
            last = state.finished() or (scope.item_limit is not None and state.items >= scope.item_limit)
            yield Page(
                payload={"posts": posts, "comments": kept},
                cursor=None if last else state.model_dump(mode="json"),
                requests=self._http.requests - before,
                expected_items=state.items if last else _expected(state, scope),
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
            answer = await self._read(wanted, f"/comments/{wanted.post}", {"limit": 1, "sort": _TREE_SORT})
            return volumes.of_post(shapes.conversation(answer)[0], scope)
        title, members = wanted.label(), None
        if wanted.subreddit and not wanted.search:
            about = shapes.listing(await self._read(wanted, f"/r/{wanted.subreddit}/about", {}))
            title, members = str(about.get("display_name_prefixed") or title), about.get("subscribers")
        path, params = _listing_call(wanted, scope)
        listing = shapes.listing(await self._read(wanted, path, params))
        return volumes.of_listing(
            shapes.posts(listing),
            goes_on=bool(listing.get("after")),
            newest_first=wanted.sort == "new",
            scope=scope,
            now=datetime.now(UTC),
            title=title,
            members=members,
        )

    async def _read_listing(self, query: RedditQuery, scope: Scope, state: _Progress) -> list[shapes.Thing]:
        """Read the next page of posts and note whose conversations follow, and where the listing goes on."""
        path, params = _listing_call(query, scope)
        listing = shapes.listing(await self._read(query, path, {**params, "after": state.after or None}))
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

    async def _read_tree(self, query: RedditQuery, tree: _Tree) -> tuple[list[shapes.Thing], list[shapes.Thing]]:
        """Make the next call for one conversation and note in `tree` what is still missing after it."""
        posts: list[shapes.Thing] = []
        asked: list[str] = []
        params: dict[str, str | int] = {"limit": 500, "sort": _TREE_SORT}
        try:
            if tree.calls_left is None:
                answer = await self._read(query, f"/comments/{tree.post}", params)
                post, things = shapes.conversation(answer)
                found = shapes.branches(things, everything=True)
                posts = [post] if query.post else []
                tree.expected = shapes.count(post, "num_comments") or tree.expected
                tree.calls_left = max(tree.expected, len(found.comments) + len(found.more)) + 10
            elif tree.more:
                asked = tree.more[:_BATCH]
                form = {"api_type": "json", "link_id": f"t3_{tree.post}", "children": ",".join(asked)}
                answer = await self._send(query, "/api/morechildren", {**form, "sort": _TREE_SORT})
                found = shapes.branches(shapes.more_things(answer), asked=asked)
            else:
                thread = tree.threads[0]
                answer = await self._read(query, f"/comments/{tree.post}/_/{thread}", params)
                found = shapes.branches(shapes.conversation(answer)[1], below=thread)
        except Rejected as error:
            closed = isinstance(error, Gone) or error.status == 403
            if not closed or (query.post and tree.calls_left is None):
                raise
            # Deleted or closed since it was listed: that there is nothing more is the answer.
            found = shapes.Branches()
            tree.calls_left = tree.calls_left or 1
        tree.threads = (tree.threads if asked else tree.threads[1:]) + found.threads
        tree.more = _still_missing(tree.more[len(asked) :], asked, found)
        tree.got += len(found.comments)
        tree.calls_left -= 1
        return posts, found.comments

    async def _read(self, query: RedditQuery, path: str, params: Mapping[str, str | int | None]) -> JsonValue:
        url = self._config.base_url.rstrip("/") + path
        # Without raw_json=1 Reddit writes < > & as HTML entities (https://www.reddit.com/dev/api#response_body_encoding).
        params = {**params, "raw_json": 1}
        return await self._call(query, lambda headers: self._http.get_json(url, params=params, headers=headers))

    async def _send(self, query: RedditQuery, path: str, form: Mapping[str, str]) -> JsonValue:
        url = self._config.base_url.rstrip("/") + path
        return await self._call(
            query,
            lambda headers: self._http.post_form_json(url, data=form, params={"raw_json": 1}, headers=headers),
        )

    async def _call(
        self, query: RedditQuery, send: Callable[[Mapping[str, str]], Awaitable[tuple[JsonValue, ResponseFacts]]]
    ) -> JsonValue:
        wait = self._open_again_at - time.monotonic()
        if wait > 0:
            sentence = f"Reddit's limit for this minute is used up; we go on in {wait:.0f} seconds."
            raise RateLimited(sentence, provider=self.id, retry_after=wait)
        try:
            value, facts = await self._login.call(self._http, send)
        except Rejected as error:
            raise _explained(error, query) from None
        self._note_limit(facts.headers)
        if facts.path.startswith("/subreddits/"):  # where Reddit sends those who ask for a community that is not there
            raise Gone(f"There is no {query.label()} on Reddit.", provider=self.id, status=404)
        return value

    def _note_limit(self, headers: Mapping[str, str]) -> None:
        try:
            remaining = float(headers.get("x-ratelimit-remaining", "nan"))
        except ValueError:
            return
        if remaining < 1:
            reset = {"x-ratelimit-reset": headers.get("x-ratelimit-reset", "")}
            self._open_again_at = time.monotonic() + retry_after_seconds(reset, datetime.now(UTC))


def _resume(query: RedditQuery, cursor: Cursor | None) -> _Progress:
    if cursor is not None:
        try:
            return _Progress.model_validate(cursor)
        except ValidationError:
            # Written by another version: starting again is safe, since items are stored once by their id.
            pass
    if query.post:
        return _Progress(after=None, tree=_Tree(post=query.post))
    return _Progress()


def _listing_call(query: RedditQuery, scope: Scope) -> tuple[str, dict[str, str | int | None]]:
    """Return path and parameters of a listing, or of a search when there are words to look for."""
    place = f"/r/{query.subreddit}" if query.subreddit else ""
    params: dict[str, str | int | None] = {"limit": _BATCH}
    if query.sort == "top":
        params["t"] = _span(scope)
    keywords = " OR ".join(f'"{keyword}"' for word in scope.keywords if (keyword := word.replace('"', " ").strip()))
    words = f"({query.search}) AND ({keywords})" if query.search and keywords else query.search or keywords
    if not words:
        return f"{place}/{query.sort}", params
    if len(words) > _LONGEST_SEARCH:
        raise Rejected(
            f"Reddit's search takes at most {_LONGEST_SEARCH} characters; use fewer or shorter keywords.",
            provider="reddit",
        )
    params |= {"q": words, "sort": query.sort, "t": params.get("t", "all"), "type": "link"}
    if query.subreddit:
        params["restrict_sr"] = 1
    return f"{place}/search", params


def _span(scope: Scope) -> str:
    """Return the shortest of Reddit's ranges that reaches back to `since`; only `top` depends on it."""
    if scope.since is not None:
        # An hour of slack: "the last 30 days" was said a moment ago.
        age = (datetime.now(UTC) - scope.since).total_seconds() - 3600
        for name, days in (("day", 1), ("week", 7), ("month", 30), ("year", 365)):
            if age <= days * 86_400:
                return name
    return "all"


def _select(
    query: RedditQuery, scope: Scope, posts: list[shapes.Thing], comments: list[shapes.Thing]
) -> tuple[list[shapes.Thing], list[shapes.Thing]]:
    """Leave out what was not asked for; a post that was named itself always stays."""
    if not query.post:
        posts = [post for post in posts if _in_range(post, scope)]
    comments = [comment for comment in comments if _in_range(comment, scope)]
    if query.post and scope.keywords:
        words = [keyword.casefold() for keyword in scope.keywords]
        comments = [
            comment for comment in comments if any(word in str(comment.get("body") or "").casefold() for word in words)
        ]
    return posts, comments


def _in_range(thing: shapes.Thing, scope: Scope) -> bool:
    if scope.since is None and scope.until is None:
        return True
    created = shapes.created(thing)
    if scope.since is not None and created < scope.since.timestamp():
        return False
    return scope.until is None or created <= scope.until.timestamp()


def _still_missing(waiting: list[str], asked: list[str], found: shapes.Branches) -> list[str]:
    answered = {shapes.identifier(comment) for comment in found.comments}
    left_out = [name for name in asked if name not in answered]
    # Without any progress, asking again would never end.
    progress = len(left_out) < len(asked)
    cut = len(found.comments) >= _CUT
    again = [name for name in left_out if cut or name in found.more] if progress else []
    new = [name for name in found.more if name not in set(asked)]
    return list(dict.fromkeys([*waiting, *again, *new]))


def _expected(state: _Progress, scope: Scope) -> int:
    """Guess the items of the whole query: those read, those announced, and the pages to come in proportion."""
    known = float(state.items + sum(comments for _, comments in state.posts))
    if state.tree is not None:
        known += max(state.tree.expected - state.tree.got, 0)
    if state.after is not None and state.listed:
        whole = volumes.LISTING_END / state.listed
        if scope.since is not None and state.newest is not None and state.oldest is not None:
            span = max(state.newest - state.oldest, 60.0)
            whole = min(whole, (state.newest - scope.since.timestamp()) / span)
        known *= max(whole, 1.0)
    return min(round(known), scope.item_limit if scope.item_limit is not None else round(known))


def _explained(error: Rejected, query: RedditQuery) -> ProviderError:
    """Say what a refusal means for the community that was asked for."""
    if error.status == 403:
        sentence = f"Reddit does not show {query.label()}: it is private, quarantined or closed."
        return Rejected(sentence, provider=error.provider, status=403, sample=error.sample)
    if isinstance(error, Gone):
        sentence = f"There is no {query.label()} on Reddit: it never existed, or it was deleted or banned."
        return Gone(sentence, provider=error.provider, status=error.status, sample=error.sample)
    return error
