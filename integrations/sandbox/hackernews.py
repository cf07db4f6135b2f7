"""A stand-in for Hacker News: Algolia's search and item trees at `/api/v1`, Firebase's items and lists at `/v0`.

Parameters: https://hn.algolia.com/api and https://github.com/HackerNews/API. Like there, no search goes on after 1,000
hits: whoever wants more narrows `created_at_i`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import ClassVar
from urllib.parse import urlencode

from integrations.sandbox.hackernews_search import (
    BadFilterError,
    Numbers,
    matching,
    numeric,
    searchable,
    tagged,
    words_of,
)
from integrations.sandbox.hackernews_wire import Thing, Wire
from integrations.sandbox.items import Item
from integrations.sandbox.remote import Request, Response, World

HIT_CAP = 1000
LARGEST_PAGE = 1000
_FRONT_PAGE = 30
_LISTS = {"topstories": 500, "newstories": 500, "beststories": 200, "askstories": 200, "showstories": 200}
_ALGOLIA_ITEM = re.compile(r"/api/v1/items/(\d{1,12})")
_FIREBASE_ITEM = re.compile(r"/v0/item/(\d{1,12})\.json")
_FIREBASE_LIST = re.compile(r"/v0/(\w+)\.json")


class HackerNewsRemote:
    """Answers as `hn.algolia.com` and `hacker-news.firebaseio.com` would."""

    id: ClassVar[str] = "hackernews"

    def __init__(self, world: World) -> None:
        """Index the corpus."""
        items = world.corpus.items_of("hackernews")
        self._by_id = {item.external_id: item for item in items}
        self._wire = Wire(items, world.started)
        self._newest = [item for item in reversed(items) if not item.truth.removed]
        self._stories = [item for item in self._newest if item.is_post]
        self._words = {item.external_id: searchable(self._searched(item)) for item in self._newest}
        self._hot = sorted(self._stories, key=_hotness, reverse=True)
        self._front = {story.external_id for story in self._hot[:_FRONT_PAGE]}

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        path = request.path.rstrip("/")
        if request.method != "GET":
            return Response.json({"message": "Method not allowed", "status": 405}, 405)
        if path in {"/api/v1/search", "/api/v1/search_by_date"}:
            return self._search(request, by_date=path.endswith("_by_date"))
        if found := _ALGOLIA_ITEM.fullmatch(path):
            item = self._by_id.get(found[1])
            return Response.json(self._wire.tree(item)) if item else _missing()
        if found := _FIREBASE_ITEM.fullmatch(path):
            item = self._by_id.get(found[1])
            return Response.json(self._wire.firebase(item) if item else None)
        if (found := _FIREBASE_LIST.fullmatch(path)) and found[1] in {*_LISTS, "maxitem"}:
            return Response.json(self._list(found[1]))
        return _missing()

    def forget_token(self, request: Request) -> None:
        """Do nothing: there are no tokens."""

    def _search(self, request: Request, *, by_date: bool) -> Response:
        query = request.query.get("query", "")
        try:
            fits_numbers = numeric(request.query.get("numericFilters", ""))
            page = _number(request, "page", 0, 0)
            size = min(_number(request, "hitsPerPage", 20, 1), LARGEST_PAGE)
        except BadFilterError as error:
            return Response.json({"message": str(error), "status": 400}, 400)
        fits_tags, fits_words = tagged(request.query.get("tags", "")), matching(query)
        found = [
            item
            for item in self._newest
            if fits_numbers(self._numbers(item))
            and fits_tags(self._tags(item))
            and fits_words(self._words[item.external_id])
        ]
        if not by_date:
            # Algolia ranks by words first; here every hit has all of them, so stories and their points decide.
            found.sort(key=lambda item: (not item.is_post, -(self._wire.points(item) or 0)))
        reachable = min(len(found), HIT_CAP)
        shown = found[page * size : min((page + 1) * size, HIT_CAP)]
        words = words_of(query)
        return Response.json(
            {
                "exhaustive": {"nbHits": True, "typo": True},
                "exhaustiveNbHits": True,
                "exhaustiveTypo": True,
                "hits": [self._wire.hit(item, words) for item in shown],
                "hitsPerPage": size,
                "nbHits": len(found),
                "nbPages": -(-reachable // size),
                "page": page,
                "params": urlencode({**request.query, "advancedSyntax": "true", "analyticsTags": "backend"}),
                "processingTimeMS": 1,
                "query": query,
                "serverTimeMS": 1,
            }
        )

    def _numbers(self, item: Item) -> Numbers:
        numbers = {"created_at_i": self._wire.created(item), "story_id": int(item.thread_id)}
        if item.is_post:
            points = self._wire.points(item) or 0
            numbers |= {"points": points, "num_comments": self._wire.comment_counts[item.external_id]}
        else:
            numbers["parent_id"] = int(item.parent_id or 0)
        return numbers

    def _tags(self, item: Item) -> set[str]:
        tags = set(self._wire.tags(item))
        return tags | {"front_page"} if item.external_id in self._front else tags

    def _searched(self, item: Item) -> str:
        story = self._by_id[item.thread_id]
        parts: Iterable[str | None] = (item.title, item.text, item.author, item.link)
        return " ".join(part for part in (*parts, None if item.is_post else story.title) if part)

    def _list(self, name: str) -> list[int] | int:
        if name == "maxitem":
            return max(int(external_id) for external_id in self._by_id)
        stories: list[Item] = self._hot
        if name == "newstories":
            stories = self._stories
        elif name == "beststories":
            stories = sorted(self._stories, key=lambda story: -story.score)
        elif name in {"askstories", "showstories"}:
            start = "Ask HN:" if name == "askstories" else "Show HN:"
            stories = [story for story in self._hot if (story.title or "").startswith(start)]
        return [int(story.external_id) for story in stories[: _LISTS[name]]]


def _hotness(story: Item) -> float:
    # https://news.ycombinator.com/item?id=1781417: points fall with the age in hours to the power of 1.8.
    return (max(1, story.score) - 0.9) / float((story.age_seconds / 3600 + 2) ** 1.8)


def _number(request: Request, name: str, default: int, least: int) -> int:
    text = request.query.get(name, "") or str(default)
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) < least:
        raise BadFilterError(f"Invalid value for {name}: expected a number of at least {least}")
    return int(text)


def _missing() -> Response:
    answer: Thing = {"status": 404, "error": "Not Found"}
    return Response.json(answer, 404)
