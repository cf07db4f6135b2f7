"""How many requests each source makes, against the least that its endpoints allow; the sandbox's log counts them."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import ceil

import pytest

from app.core.settings import settings
from app.services.providers import usable_source
from integrations import registry
from integrations.contracts import Scope
from integrations.sandbox.reddit_trees import DEEPEST, LARGEST_LIMIT, MORE_LIMIT
from integrations.sandbox.server import SandboxServer
from integrations.sandbox.youtube import INLINE_REPLIES

BUDGET = 1.05
PAGE = 100
UPLOADS_PAGE = 50
HITS_PAGE = 1_000


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(secret="a-secret-of-this-test", scale=1.0) as server:
        yield server


@pytest.fixture
def collected(sandbox: SandboxServer, data_folder, monkeypatch: pytest.MonkeyPatch):
    """Collect what a text names; return its items and the requests that the sandbox saw."""
    monkeypatch.setenv("ASTERISM_SANDBOX", "on")
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", sandbox.url)
    settings.cache_clear()

    def collect(text: str) -> tuple[int, int]:
        recognised = registry.recognise(text)
        assert recognised is not None
        source_id, query = recognised
        setup = usable_source(source_id)
        sandbox.log.clear()

        async def read() -> int:
            async with registry.connect(source_id, setup.config) as http:
                source = setup.source(setup.config, http)
                pages = source.pages(query, Scope(item_limit=100_000), None)
                return sum([len(list(source.parse(page))) async for page in pages])

        items = asyncio.run(read())
        return items, len(sandbox.log.entries())

    return collect


def least_of_reddit(sandbox: SandboxServer, community: str) -> int:
    """Return the fewest: the listing, each tree, the rest of large trees, and each branch that is cut by its depth.

    A branch that ends in "continue this thread" is to be had by a request of its own only. The login is not counted.
    """
    items = [item for item in sandbox.corpus.items_of("reddit") if item.community == community]
    comments = Counter(item.thread_id for item in items if not item.is_post)
    answered = {item.parent_id for item in items}
    cut = sum(item.depth == DEEPEST - 1 and not item.is_post and item.external_id in answered for item in items)
    trees = sum(1 + ceil(max(0, count - LARGEST_LIMIT) / MORE_LIMIT) for count in comments.values())
    posts = sum(item.is_post for item in items)
    return ceil(posts / PAGE) + trees + cut


def least_of_youtube(sandbox: SandboxServer, channel: str) -> int:
    """Return the fewest: the channel, its uploads, the videos, the threads of each, replies beyond those shown."""
    items = [item for item in sandbox.corpus.items_of("youtube") if item.community == channel]
    videos = [item for item in items if item.is_post]
    answers: dict[str, int] = defaultdict(int)
    for item in items:
        answers[item.parent_id or ""] += 1
    ids = {item.external_id for item in videos}
    tops = Counter(item.parent_id for item in items if item.parent_id in ids)
    replies = sum(
        ceil(answers[item.external_id] / PAGE)
        for item in items
        if item.parent_id in ids and answers[item.external_id] > INLINE_REPLIES
    )
    return (
        1
        + ceil(len(videos) / UPLOADS_PAGE)
        + ceil(len(videos) / UPLOADS_PAGE)
        + sum(ceil(count / PAGE) for count in tops.values())
        + replies
    )


@pytest.mark.parametrize("community", ["homelab", "selfhosted", "productivity", "autoheberge"])
def test_reddit_is_asked_hardly_more_than_needed(collected, sandbox: SandboxServer, community: str):
    items, requests = collected(f"r/{community}")
    assert items == sum(item.community == community for item in sandbox.corpus.items)
    assert requests <= BUDGET * least_of_reddit(sandbox, community) + 1, "one login, while a token lasts"


@pytest.mark.parametrize("channel", ["roomtoneworkshop", "closetdatacenter", "kitchentablesoftware"])
def test_youtube_is_asked_hardly_more_than_needed(collected, sandbox: SandboxServer, channel: str):
    items, requests = collected(f"yt:@{channel}")
    assert items > 500
    assert requests <= BUDGET * least_of_youtube(sandbox, channel)


@pytest.mark.parametrize("words", ["the", "backup"])
def test_hacker_news_is_asked_hardly_more_than_needed(collected, words: str):
    items, requests = collected(f"hn:{words}")
    assert items > 50
    assert requests <= BUDGET * ceil(items / HITS_PAGE)


def test_all_three_together_stay_within_the_budget(collected, sandbox: SandboxServer):
    made = least = 0
    for community in ("homelab", "datahoarder", "smallbusiness"):
        made += collected(f"r/{community}")[1]
        least += least_of_reddit(sandbox, community)
    for channel in ("themendingbench", "tinyshoptalk"):
        made += collected(f"yt:@{channel}")[1]
        least += least_of_youtube(sandbox, channel)
    items, requests = collected("hn:the")
    assert made + requests <= BUDGET * (least + ceil(items / HITS_PAGE)), f"{made + requests} for {least}"
