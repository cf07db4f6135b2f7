"""Counts of sources are asked for once, by whichever process, and kept while Redis is away too."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.core import redis
from app.core.settings import settings
from app.services import estimate_cache, estimates
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.providers import check_query, source_setup
from integrations.contracts import Scope, Volume
from integrations.sources.hackernews import HackerNews

MOMENT = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
VOLUME = Volume((1, 2, 3), (1, 1, 2), ("A note.",), "A title")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(estimate_cache, "_own", {})


def key(scope: Scope, **query: str) -> str:
    setup = source_setup("hackernews")
    return estimate_cache.key(setup, check_query("hackernews", query or {"search": "sync"}), scope)


def test_what_is_kept_is_found_by_every_process(valkey):
    name = key(Scope())
    assert estimate_cache.find(name) is None
    estimate_cache.keep(name, VOLUME)
    assert estimate_cache.find(name) == VOLUME
    assert 0 < redis.connection().ttl(name) <= estimate_cache.KEPT_SECONDS
    assert estimate_cache._own == {}


def test_another_question_has_another_answer_and_a_moment_later_the_same(valkey):
    scope = Scope(since=MOMENT, keywords=("b", "a"), item_limit=5)
    names = {
        key(scope),
        key(replace(scope, since=MOMENT - timedelta(days=1))),
        key(replace(scope, keywords=("a",))),
        key(replace(scope, item_limit=6)),
        key(scope, search="backup"),
    }
    assert len(names) == 5
    assert key(replace(scope, since=MOMENT + timedelta(seconds=90), keywords=("a", "b"))) == key(scope)


def test_without_redis_each_process_keeps_its_own_and_an_old_answer_goes(data_folder, monkeypatch):
    monkeypatch.setenv("ASTERISM_REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    name = key(Scope())
    estimate_cache.keep(name, VOLUME)
    assert estimate_cache.find(name) == VOLUME
    monkeypatch.setattr(estimate_cache, "_own", {name: (0.0, estimate_cache._own[name][1])})
    assert estimate_cache.find(name) is None


def test_what_another_version_kept_is_asked_anew(valkey):
    redis.connection().set("asterism:volume:x", '{"old": 1}')
    assert estimate_cache.find("asterism:volume:x") is None


@pytest.mark.anyio
async def test_typing_on_asks_a_provider_once(valkey, sqlite_database, workspace_actor, monkeypatch):
    asked = []

    async def measure(self, query, scope):
        asked.append(query)
        return VOLUME

    monkeypatch.setattr(HackerNews, "measure", measure)
    wanted = AnalysisRequest(sources=[SourceRequest(provider="hackernews", query={"search": "sync"})])
    views = [await estimates.estimate(workspace_actor, wanted) for _ in range(3)]
    assert len(asked) == 1
    assert views[0] == views[1] == views[2]
    assert views[0].items == (1, 2, 3)
