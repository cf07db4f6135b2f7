"""The real Reddit adapter against the stand-in: what it collects is the corpus, item for item."""

from __future__ import annotations

import asyncio

import pytest

from integrations.contracts import Scope
from integrations.http import HttpClient
from integrations.sources.reddit import Reddit, RedditConfig, RedditQuery


def collected(sandbox, query):
    async def collect():
        root = f"{sandbox.url}/reddit"
        config = RedditConfig(
            base_url=root, auth_url=f"{root}/api/v1/access_token", client_id="sandbox", client_secret="sandbox"
        )
        async with HttpClient("reddit", user_agent="asterism-test", base_urls=[root]) as http:
            source = Reddit(config, http)
            return [item async for page in source.pages(query, Scope(), None) for item in source.parse(page)]

    return asyncio.run(collect())


@pytest.mark.parametrize("community", ["selfhosted", "homelab"])
def test_it_collects_every_item_once_with_its_words_and_its_place(sandbox, community):
    found = collected(sandbox, RedditQuery(subreddit=community))
    wanted = {item.external_id: item for item in sandbox.corpus.items if item.community == community}
    assert len(found) == len(wanted)
    for item in found:
        planted = wanted.pop(item.external_id)
        assert (item.text, item.title, item.author) == (planted.text, planted.title, planted.author)
        assert (item.parent_external_id, item.thread_external_id) == (planted.parent_id, planted.thread_id)
        assert item.posted_at.timestamp() == sandbox.world.started - planted.age_seconds
        assert item.removed is (planted.truth.removed is not None)
    assert not wanted
