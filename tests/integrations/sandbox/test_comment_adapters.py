"""The real YouTube and Hacker News adapters against their stand-ins: what they collect is the corpus, item for item."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from integrations.contracts import Scope
from integrations.http import HttpClient
from integrations.sandbox.youtube import DAILY_UNITS
from integrations.sources.hackernews import HackerNews, HackerNewsConfig, HackerNewsQuery
from integrations.sources.youtube import YouTube, YouTubeConfig, YouTubeQuery


def collected(sandbox, name, make, query):
    async def collect():
        async with HttpClient(name, user_agent="asterism-test", base_urls=[f"{sandbox.url}/{name}"]) as http:
            source = make(http)
            return [item async for page in source.pages(query, Scope(), None) for item in source.parse(page)]

    return asyncio.run(collect())


def agree(sandbox, found, wanted):
    wanted = {item.external_id: item for item in wanted}
    assert len(found) == len(wanted)
    for item in found:
        planted = wanted.pop(item.external_id)
        assert item.text == (planted.text.replace("*", "") if planted.source == "hackernews" else planted.text)
        assert item.title == planted.title
        assert (item.parent_external_id, item.thread_external_id) == (planted.parent_id, planted.thread_id)
        assert item.posted_at.timestamp() == sandbox.world.started - planted.age_seconds
        if not planted.is_post:
            assert item.author == planted.author
    assert not wanted


@pytest.fixture
def youtube(sandbox):
    config = YouTubeConfig(
        base_url=f"{sandbox.url}/youtube/youtube/v3", api_key="sandbox", requests_per_minute=1_000_000
    )
    sandbox.control.set_quota("youtube", limit=DAILY_UNITS, used=0)
    return lambda query: collected(sandbox, "youtube", lambda http: YouTube(config, http), query)


def test_every_comment_and_reply_of_a_video_is_collected_in_as_few_units_as_can_be(sandbox, youtube):
    items = sandbox.corpus.items_of("youtube")
    video = Counter(item.thread_id for item in items).most_common(1)[0][0]
    here = [item for item in items if item.thread_id == video]
    agree(sandbox, youtube(YouTubeQuery(video=video)), here)
    replies = Counter(item.parent_id for item in here if item.depth)
    pages = -(-sum(item.depth == 0 and not item.is_post for item in here) // 100)
    pages += sum(-(-count // 100) for count in replies.values() if count > 5)
    assert sandbox.control.quota("youtube")[1] == 1 + pages


@pytest.mark.parametrize("channel", ["kellerserver", "tallerdebarrio", "onreparetout"])
def test_a_whole_channel_is_collected(sandbox, youtube, channel):
    here = [item for item in sandbox.corpus.items_of("youtube") if item.community == channel]
    agree(sandbox, youtube(YouTubeQuery(channel=f"@{channel}")), here)


def test_a_whole_conversation_on_hacker_news_is_collected(sandbox):
    items = sandbox.corpus.items_of("hackernews")
    story = Counter(item.thread_id for item in items).most_common(1)[0][0]
    config = HackerNewsConfig(base_url=f"{sandbox.url}/hackernews/api/v1", requests_per_minute=1_000_000)
    found = collected(sandbox, "hackernews", lambda http: HackerNews(config, http), HackerNewsQuery(story=int(story)))
    agree(sandbox, found, [item for item in items if item.thread_id == story])
