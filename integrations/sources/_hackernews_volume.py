"""How much a Hacker News query will bring, told from one search. Pure; no network.

items = stories * (1 + comments per story on the first page), as a band; a search never brings more than it shows
"""

from __future__ import annotations

import math

from integrations.contracts import Scope, Volume
from integrations.sources import _hackernews_shapes as shapes
from integrations.sources._hackernews_query import HackerNewsQuery

HITS = 1000
"""Most hits of one answer, and of one search over all its pages (https://github.com/algolia/hn-search/issues/230)."""

STORIES = 100
"""Hits of one answer when each brings a conversation: the cursor carries those that are still to be read."""


def _narrowed(scope: Scope) -> bool:
    return scope.since is not None or scope.until is not None or bool(scope.keywords)


def of_story(found: shapes.Found, query: HackerNewsQuery, scope: Scope) -> Volume:
    """Estimate one conversation from what the search index holds of it."""
    title = next((hit.get("story_title") or hit.get("title") for hit in found.hits), None)
    low = 1 if _narrowed(scope) else found.total * 0.9
    notes = (f"{max(found.total - 1, 0):,} comments are in the search index.",)
    named = title if isinstance(title, str) else query.label()
    return _band((low, found.total, found.total * 1.1 + 5), (1, 1, 1), notes, named, scope)


def of_search(found: shapes.Found, query: HackerNewsQuery, scope: Scope) -> Volume:
    """Estimate a search whose hits are the items themselves."""
    most = found.total if query.sort == "date" else min(found.total, HITS)
    calls = max(1, math.ceil(most / HITS))
    low = 0.0 if len(scope.keywords) > 1 else most * 0.95
    notes = (f"{found.total:,} stories and comments match.",)
    return _band((low, most, most * 1.05), (calls, calls, calls + 1), notes, query.label(), scope)


def of_conversations(found: shapes.Found, query: HackerNewsQuery, scope: Scope) -> Volume:
    """Estimate stories with their conversations from the first page of them."""
    comments = [shapes.count(hit.get("num_comments")) or 0 for hit in found.hits]
    whole = found.total if query.sort == "date" else min(found.total, HITS)
    factor = whole / len(comments) if comments else 0.0
    items, calls = sum(comments) + len(comments), sum(1 for number in comments if number)
    pages = max(1, math.ceil(whole / STORIES))
    low = 0.0 if _narrowed(scope) else items * factor * 0.8
    notes = (f"{whole:,} stories, about {sum(comments) / max(len(comments), 1):,.1f} comments below each.",)
    requests = (pages, pages + round(calls * factor), pages + 1 + math.ceil(calls * factor * 1.2))
    return _band((low, items * factor, items * factor * 1.2), requests, notes, query.label(), scope)


def _band(
    items: tuple[float, float, float], requests: tuple[int, int, int], notes: tuple[str, ...], title: str, scope: Scope
) -> Volume:
    cap = scope.item_limit if scope.item_limit is not None else math.inf
    low, likely, high = (int(min(round(value), cap)) for value in items)
    return Volume((low, likely, high), requests, notes, title)
