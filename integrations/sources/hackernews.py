"""Hacker News, through the HN Search API, without a key (https://hn.algolia.com/api).

    search by date, 1,000 hits at once ─▶ (whole conversations wanted) for each story with comments: its tree
            ▲                                                                      │
            └──────────────── what is older than the last hit ◀────────────────────┘

One step is one request and one page. This API gives a whole conversation in one answer and a thousand hits in another;
the official one (https://github.com/HackerNews/API) takes a request for every single comment. A search ends after 1,000
hits whatever page is asked for, so the next page is a search for what is older. Several keywords choose among what was
found, since the search knows no "or"; a single one becomes part of it.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import ClassVar

from pydantic import BaseModel

from integrations import paging
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
from integrations.errors import Gone
from integrations.http import HttpClient
from integrations.quota import Quota
from integrations.sources import _hackernews_shapes as shapes
from integrations.sources import _hackernews_volume as volumes
from integrations.sources._hackernews_query import HackerNewsConfig, HackerNewsQuery, recognise
from integrations.sources._hackernews_volume import HITS, STORIES


class _Progress(BaseModel):
    """The cursor: everything that is needed to go on in another process."""

    listing: bool = True
    """Whether there are hits still to be read."""
    until: int | None = None
    """Only what was written up to then is still to be listed, in seconds since 1970."""
    page: int = 0
    """Next page of a search by popularity."""
    stories: list[tuple[int, int]] = []
    """Stories whose conversations are still to be read, with their number of comments."""
    listed: int = 0
    announced: int = 0
    """Items in the conversations of all stories listed so far."""
    remaining: int = 0
    """Hits that are still to be listed."""
    items: int = 0

    def finished(self) -> bool:
        return not self.listing and not self.stories


class HackerNews:
    """Stories and comments of Hacker News."""

    id: ClassVar[str] = "hackernews"
    label: ClassVar[str] = "Hacker News"
    noun: ClassVar[str] = "list"
    auth: ClassVar[AuthMethod] = AuthMethod.NONE
    limits: ClassVar[Limits] = Limits(requests_per_minute=160, page_size=HITS)
    """10,000 requests an hour from one address (https://hn.algolia.com/api)."""
    quota: ClassVar[Quota | None] = None
    stored: ClassVar[bool] = False
    Config: ClassVar[type[ProviderConfig]] = HackerNewsConfig
    Query: ClassVar[type[SourceQuery]] = HackerNewsQuery

    def __init__(self, config: ProviderConfig, http: HttpClient) -> None:
        self._config = HackerNewsConfig.model_validate(config, from_attributes=True)
        self._http = http

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True: it needs no key."""
        del config
        return True

    @classmethod
    def recognise(cls, text: str) -> HackerNewsQuery | None:
        """Return the query of a link or of a name like `hn:self hosted`; None for everything else."""
        try:
            return recognise(text)
        except ValueError:
            return None

    async def pages(self, query: SourceQuery, scope: Scope, cursor: Cursor | None) -> AsyncIterator[Page]:
        """Yield hits, or stories with their conversations, page by page. Raises `ProviderError`."""
        wanted = HackerNewsQuery.model_validate(query, from_attributes=True)
        state = _resume(wanted, cursor)
        while not state.finished():
            before = self._http.requests
            hits: list[shapes.Thing] = []
            nodes: list[shapes.Thing] = []
            if state.stories:
                (story, comments), *state.stories = state.stories
                nodes = await self._read_conversation(wanted, scope, story)
                state.announced -= comments + 1
            else:
                hits = await self._read_hits(wanted, scope, state)
            hits, nodes = paging.within_limit(scope, state.items, hits, nodes)
            state.items += len(hits) + len(nodes)
            last = state.finished() or paging.is_enough(scope, state.items)
            yield Page(
                payload={"hits": hits, "nodes": nodes},
                cursor=None if last else state.model_dump(mode="json"),
                requests=self._http.requests - before,
                expected_items=state.items if last else _expected(state, scope),
            )
            if last:
                return

    def parse(self, page: Page) -> Sequence[CollectedItem]:
        """Map the hits and nodes of one page, in their order. Raises `ContractChanged`."""
        try:
            items = [shapes.item_of_hit(hit) for hit in page.payload["hits"]]
            items.extend(shapes.item_of_node(node, node.get("answers")) for node in page.payload["nodes"])
        except (AttributeError, KeyError, TypeError):
            raise shapes.changed("a page without its hits and conversations") from None
        return items

    async def measure(self, query: SourceQuery, scope: Scope) -> Volume:
        """Estimate from one search. Raises `ProviderError`."""
        wanted = HackerNewsQuery.model_validate(query, from_attributes=True)
        if wanted.story is not None:
            answer = await self._read("search", {"tags": f"story_{wanted.story}", "hitsPerPage": 1})
            found = shapes.found(answer)
            if found.total == 0:
                raise Gone(f"There is no {wanted.label()}; check the link.", provider=self.id)
            return volumes.of_story(found, wanted, scope)
        path, params = _search_call(wanted, scope, _Progress())
        found = shapes.found(await self._read(path, params))
        estimate = volumes.of_conversations if wanted.whole else volumes.of_search
        return estimate(found, wanted, scope)

    async def _read_hits(self, query: HackerNewsQuery, scope: Scope, state: _Progress) -> list[shapes.Thing]:
        """Read the next hits; return those that are items themselves and note whose conversations follow."""
        path, params = _search_call(query, scope, state)
        found = shapes.found(await self._read(path, params))
        hits = _page_end(query, found, state)
        state.listed += len(hits)
        if not query.whole:
            return [hit for hit in hits if _in_range(hit, scope) and (not _many(scope) or _says(hit, scope))]
        # A listing's conversations are narrowed by keywords comment by comment; those of a search as a whole.
        stories = [hit for hit in hits if query.listing or not _many(scope) or _says(hit, scope)]
        comments = [(hit, max(shapes.count(hit.get("num_comments")) or 0, 0)) for hit in stories]
        state.stories = [(shapes.identifier(hit.get("objectID")), number) for hit, number in comments if number]
        state.announced += sum(number + 1 for _, number in state.stories)
        return [hit for hit, number in comments if not number and _in_range(hit, scope)]

    async def _read_conversation(self, query: HackerNewsQuery, scope: Scope, story: int) -> list[shapes.Thing]:
        """Read one story, or comment, with everything below it."""
        try:
            nodes = shapes.nodes(await self._read(f"items/{story}", {}))
        except Gone:
            if query.story is None:
                return []  # deleted since it was listed
            sentence = f"There is no {query.label()}: it never existed, or it was deleted."
            raise Gone(sentence, provider=self.id, status=404) from None
        if not nodes:
            raise shapes.changed("a conversation without its story")
        root, below = {**nodes[0], "answers": len(nodes) - 1}, nodes[1:]
        by_keyword = bool(scope.keywords) and query.search is None
        kept = [node for node in below if _in_range(node, scope) and (not by_keyword or _says(node, scope))]
        return [root, *kept] if query.story is not None or _in_range(root, scope) else kept

    async def _read(self, path: str, params: Mapping[str, str | int | None]) -> JsonValue:
        answer, _ = await self._http.get_json(f"{self._config.base_url.rstrip('/')}/{path}", params=params)
        return answer


def _resume(query: HackerNewsQuery, cursor: Cursor | None) -> _Progress:
    one = query.story
    begin = _Progress() if one is None else _Progress(listing=False, stories=[(one, 0)], announced=1)
    return paging.taken_up(_Progress, cursor) or begin


def _search_call(query: HackerNewsQuery, scope: Scope, state: _Progress) -> tuple[str, dict[str, str | int | None]]:
    """Return path and parameters of the next search."""
    filters = [f"points>={query.points}"] if query.points is not None else []
    if scope.since is not None:
        filters.append(f"created_at_i>={math.ceil(scope.since.timestamp())}")
    ends = [math.floor(scope.until.timestamp())] if scope.until is not None else []
    if state.until is not None:
        ends.append(state.until)
    if ends:
        filters.append(f"created_at_i<={min(ends)}")
    words = query.search or ""
    if query.search and len(scope.keywords) == 1:
        words = f'{words} "{scope.keywords[0]}"' if " " in scope.keywords[0] else f"{words} {scope.keywords[0]}"
    kinds = {"all": "(story,comment)", "story": "story", "comment": "comment", "conversation": "story"}
    params: dict[str, str | int | None] = {
        "query": words or None,
        "tags": query.listing or kinds[query.kind],
        "numericFilters": ",".join(filters) or None,
        "hitsPerPage": STORIES if query.whole else HITS,
        "page": state.page or None,
        "attributesToHighlight": "none",  # half of the answer otherwise
    }
    by_date = query.sort == "date" and query.listing != "front_page"
    return "search_by_date" if by_date else "search", params


def _page_end(query: HackerNewsQuery, found: shapes.Found, state: _Progress) -> list[shapes.Thing]:
    """Note where the listing goes on; return the hits that belong to this page."""
    hits = found.hits
    state.remaining = found.total - len(hits)
    state.listing = bool(hits) and state.remaining > 0
    if not state.listing:
        return hits
    if query.sort == "popularity" or query.listing == "front_page":
        state.page += 1
        state.listing = state.page < found.pages
        state.remaining = max(min(found.total, HITS) - state.listed - len(hits), 0)
        return hits
    # Several may be of the same second as the last one: they are left to the next page, all of them.
    last = shapes.written(hits[-1])
    kept = [hit for hit in hits if shapes.written(hit) > last]
    state.until = last if kept else last - 1
    state.remaining = found.total - len(kept or hits)
    return kept or hits


def _many(scope: Scope) -> bool:
    return len(scope.keywords) > 1


def _in_range(thing: shapes.Thing, scope: Scope) -> bool:
    return paging.in_range(scope, thing, shapes.written)


def _says(thing: shapes.Thing, scope: Scope) -> bool:
    return paging.says_any(shapes.words(thing), scope.keywords)


def _expected(state: _Progress, scope: Scope) -> int:
    """Guess the items of the whole query: those read, those announced, and the hits to come in proportion."""
    to_come = state.remaining if state.listing else 0
    if to_come and state.listed and state.announced:
        to_come = round(to_come * (state.items + state.announced) / state.listed)
    return paging.at_most(scope, state.items + max(state.announced, 0) + to_come)
