"""The HTTP side of the web process over real connections: signing in, headers, limits, what is blocked."""

from __future__ import annotations

import re
import socket as sockets
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
import redis

from app.core import clock
from app.models import Schedule, Worker
from app.services import sessions, upkeep
from tests.wire.client import Site

pytestmark = pytest.mark.anyio

PROBLEM = "application/problem+json"


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=10) as client:
        yield client


async def test_the_welcome_link_sets_an_http_only_cookie_and_leads_home(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.get("/welcome", params={"token": site.welcome_link()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert answer.headers["cache-control"] == "no-store"
    cookie = {part.strip().partition("=")[0].lower() for part in answer.headers["set-cookie"].split(";")}
    assert cookie == {"sid", "httponly", "max-age", "path", "samesite"}
    assert "samesite=lax" in answer.headers["set-cookie"].lower()


async def test_a_wrong_welcome_link_leads_to_the_page_that_says_so(http: httpx.AsyncClient) -> None:
    answer = await http.get("/welcome", params={"token": "wrong"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?error=link")
    assert "set-cookie" not in answer.headers


async def test_looking_at_a_link_without_opening_it_starts_no_session(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.head("/welcome", params={"token": site.welcome_link()})
    assert answer.status_code == 204
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("form", ["{token}", "  {url}/welcome?token={token} ", "{url}/welcome?token={token}&x=1"])
async def test_a_pasted_link_or_token_signs_in(site: Site, http: httpx.AsyncClient, form: str) -> None:
    text = form.format(token=site.welcome_link(), url=site.url)
    answer = await http.post("/api/auth/sign-in", data={"token": text}, headers={"Origin": site.url})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "sid=" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("wanted", "led_to"),
    [
        ("/analyses/x?tab=items", "/analyses/x?tab=items"),
        ("//evil.example/new", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
    ],
)
async def test_after_signing_in_the_page_that_was_wanted_opens_and_no_other_site(
    site: Site, http: httpx.AsyncClient, wanted: str, led_to: str
) -> None:
    form = {"token": site.welcome_link(), "next": wanted}
    answer = await http.post("/api/auth/sign-in", data=form, headers={"Origin": site.url})
    assert (answer.status_code, answer.headers["location"]) == (303, led_to)
    answer = await http.post("/api/auth/sign-in", data={**form, "token": "old"}, headers={"Origin": site.url})
    kept = f"&{urlencode({'next': wanted})}" if led_to == wanted else ""
    assert answer.headers["location"] == f"/sign-in?error=link{kept}"


async def test_signing_in_again_ends_the_session_before(site: Site, http: httpx.AsyncClient) -> None:
    before = site.session_token()
    answer = await http.get("/welcome", params={"token": site.welcome_link()}, headers={"Cookie": f"sid={before}"})
    after = answer.cookies["sid"]
    with site.database.read() as session:
        assert sessions.live_tokens(session, [before, after]) == {after}


async def test_signing_out_clears_the_cookie_and_is_safe_to_repeat(site: Site, http: httpx.AsyncClient) -> None:
    token = site.session_token()
    for _ in range(2):
        answer = await http.post("/api/auth/sign-out", headers={"Cookie": f"sid={token}", "Origin": site.url})
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
        assert 'sid=""' in answer.headers["set-cookie"]
    with site.database.read() as session:
        assert sessions.actor_for_session(session, token) is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "{url}"}, 303),
        ({"Origin": "{twin}"}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "{url}.evil.example"}, 403),
        ({}, 403),
    ],
)
async def test_changes_with_the_cookie_come_from_our_own_pages_only(
    site: Site, http: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    filled = {
        name: value.format(url=site.url, twin=site.url.replace("localhost", "127.0.0.1"))
        for name, value in headers.items()
    }
    token = site.session_token()
    answer = await http.post("/api/auth/sign-out", headers={"Cookie": f"sid={token}", **filled})
    assert answer.status_code == status
    with site.database.read() as session:
        assert (sessions.actor_for_session(session, token) is None) is (status == 303)


async def test_another_sites_page_cannot_sign_a_visitor_in(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "/api/auth/sign-in", data={"token": site.welcome_link()}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_every_response_carries_the_security_headers(site: Site, http: httpx.AsyncClient) -> None:
    for path in ("/api/health/live", "/api/nothing", "/nothing", "/welcome?token=x", "/ping"):
        answer = await http.get(path)
        policy = answer.headers["content-security-policy"]
        directives = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
        assert directives["frame-ancestors"] == ["'none'"]
        assert "'unsafe-inline'" not in directives["script-src"]
        assert "'unsafe-eval'" not in policy
        assert f"ws://{urlsplit(site.url).netloc}" in directives["connect-src"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
async def test_no_other_origin_may_read_answers(http: httpx.AsyncClient, origin: str) -> None:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    for answer in (
        await http.get("/api/health/live", headers={"Origin": origin}),
        await http.options("/api/auth/sign-out", headers=asked),
    ):
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "//_upload", "/_all_routes", "/auth-codespace", "/_health"])
async def test_routes_of_the_framework_that_nobody_needs_are_closed(site: Site, path: str) -> None:
    head, body = _raw(site, f"POST {path} HTTP/1.1\r\nHost: {urlsplit(site.url).netloc}\r\nContent-Length: 0\r\n\r\n")
    assert head.startswith("HTTP/1.1 404")
    assert "There is nothing at" in body


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/nothing"])
async def test_unknown_api_paths_are_problems_not_pages(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "not_found"


async def test_a_wrong_method_is_a_problem(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/auth/sign-out")
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)


async def test_a_foreign_host_is_refused(site: Site) -> None:
    for host, status in (("evil.example", 421), ("localhost:9", 200), ("127.0.0.1", 200)):
        head, _ = _raw(site, f"GET /ping HTTP/1.1\r\nHost: {host}\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status}"), host


async def test_probes_answer_under_any_host(site: Site) -> None:
    head, _ = _raw(site, "GET /api/health/live HTTP/1.1\r\nHost: 10.0.0.7:3000\r\n\r\n")
    assert head.startswith("HTTP/1.1 200")


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/auth/sign-in", 1_000_001, 413),
        ("/api/webhooks/stripe", 256_001, 413),
        ("/api/webhooks/stripe", 256_000, 404),
    ],
)
async def test_large_bodies_are_refused_announced_or_not(
    http: httpx.AsyncClient, site: Site, path: str, size: int, status: int
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, size, 50_000):
            yield b"x" * min(50_000, size - start)

    for content in (b"x" * size, pieces()):
        answer = await http.post(path, content=content, headers={"Origin": site.url})
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)


async def test_answers_say_what_is_left_of_the_rate(http: httpx.AsyncClient) -> None:
    first, second = [await http.get("/api/nothing", headers={"Authorization": "Bearer one"}) for _ in range(2)]
    assert first.headers["x-ratelimit-limit"] == "600"
    assert int(second.headers["x-ratelimit-remaining"]) == int(first.headers["x-ratelimit-remaining"]) - 1
    assert 1 <= int(first.headers["x-ratelimit-reset"]) <= 60


async def test_readiness_names_each_part_and_what_to_do(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/health/ready")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "degraded")
    assert {name: part["status"] for name, part in body["parts"].items()} == {
        "database": "ok",
        "broker": "ok",
        "scheduler": "down",
        "workers": "down",
        "providers": "ok",
    }
    assert "asterism worker" in body["parts"]["workers"]["detail"]


async def test_readiness_is_ok_while_scheduler_and_workers_are_heard_of(site: Site, http: httpx.AsyncClient) -> None:
    now = clock.now()
    rows = [
        Schedule(name=upkeep.SCHEDULER_ROW, every_seconds=5, due_at=now, last_started_at=now),
        Worker(id="host:1:1", concurrency=2, heartbeat_at=now),
    ]
    with site.database.write() as session:
        session.add_all(rows)
    try:
        body = (await http.get("/api/health/ready")).json()
    finally:
        with site.database.write() as session:
            for row in rows:
                session.delete(row)
    assert body["status"] == "ok", body


async def test_readiness_counts_providers_that_are_left_alone_and_names_none_to_strangers(
    site: Site, http: httpx.AsyncClient
) -> None:
    with redis.from_url(site.bus_url) as server:
        server.hset("asterism:breaker:reddit", mapping={"open_until": time.time() + 60, "why": "Down."})
        try:
            answer = await http.get("/api/health/ready")
        finally:
            server.delete("asterism:breaker:reddit")
    assert answer.json()["status"] == "degraded"
    assert answer.json()["parts"]["providers"]["status"] == "down"
    assert re.match(r"1 of \d+ providers left alone", answer.json()["parts"]["providers"]["detail"])
    assert "reddit" not in answer.text.lower()


def _raw(site: Site, request: str) -> tuple[str, str]:
    """Send a request as it is: clients would tidy the path and the Host."""
    address = ("127.0.0.1", urlsplit(site.url).port)
    with sockets.create_connection(address, timeout=10) as connection:
        connection.sendall(request.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
        head, _, body = b"".join(_received(connection)).decode().partition("\r\n\r\n")
    return head, body


def _received(connection: sockets.socket) -> Iterator[bytes]:
    while data := connection.recv(65536):
        yield data
