"""How often one caller may ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.responses import PlainTextResponse

from app.api.rates import API_LIMIT, SIGN_IN_LIMIT, Rates
from app.cli.supervisor.web_application import behind_proxies
from app.core import redis
from app.core.settings import settings

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def _client(app: Rates) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:3000") as client:
        yield client
    await app.close()


async def test_signing_in_is_refused_above_its_limit_and_says_when_to_come_back(data_folder: object) -> None:
    async with _client(Rates(PlainTextResponse("ok"), settings())) as client:
        answers = [await client.post("/api/auth/sign-in") for _ in range(SIGN_IN_LIMIT.amount + 1)]
        elsewhere = await client.get("/api/v1/analyses")
    assert [answer.status_code for answer in answers] == [200] * SIGN_IN_LIMIT.amount + [429]
    refused = answers[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-ratelimit-remaining"] == "0"
    assert elsewhere.status_code == 200


async def test_callers_are_told_apart_by_their_key(data_folder: object) -> None:
    async with _client(Rates(PlainTextResponse("ok"), settings())) as client:
        left = [
            (await client.get("/api/v1/x", headers={"Authorization": f"Bearer {key}"})).headers["x-ratelimit-remaining"]
            for key in ("a", "a", "b")
        ]
    assert left == [str(API_LIMIT.amount - 1), str(API_LIMIT.amount - 2), str(API_LIMIT.amount - 1)]


@pytest.mark.parametrize(("proxies", "apart"), [("10.0.0.0/8,127.0.0.1", True), ("10.0.0.0/8", False), (None, False)])
async def test_only_our_own_proxies_are_believed_about_who_calls(
    data_folder: object, proxies: str | None, *, apart: bool
) -> None:
    rates = Rates(PlainTextResponse("ok"), settings())
    transport = httpx.ASGITransport(behind_proxies(rates, proxies))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        left = [
            (await client.get("/api/v1/x", headers={"X-Forwarded-For": address})).headers["x-ratelimit-remaining"]
            for address in ("198.51.100.1", "198.51.100.2", "203.0.113.9, 198.51.100.2")
        ]
    await rates.close()
    first, second, third = (API_LIMIT.amount - taken for taken in ((1, 1, 2) if apart else (1, 2, 3)))
    assert left == [str(first), str(second), str(third)]


async def test_pages_and_probes_are_not_counted(data_folder: object) -> None:
    async with _client(Rates(PlainTextResponse("ok"), settings())) as client:
        for path in ("/", "/api/health/live", "/assets/a.js"):
            assert "x-ratelimit-limit" not in (await client.get(path)).headers


async def test_processes_that_share_a_redis_count_together(valkey: str) -> None:
    left = []
    for _ in range(2):
        async with _client(Rates(PlainTextResponse("ok"), settings())) as client:
            left.append((await client.get("/api/v1/x")).headers["x-ratelimit-remaining"])
    assert left == [str(API_LIMIT.amount - 1), str(API_LIMIT.amount - 2)]
    assert redis.connection().dbsize() > 0


async def test_without_the_configured_redis_the_process_counts_alone(
    data_folder: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASTERISM_REDIS_URL", "redis://127.0.0.1:9/0")
    settings.cache_clear()
    async with _client(Rates(PlainTextResponse("ok"), settings())) as client:
        answer = await client.get("/api/v1/x")
    assert (answer.status_code, answer.headers["x-ratelimit-remaining"]) == (200, str(API_LIMIT.amount - 1))
