"""Files sent to the real web process over real connections: who may, how much, and what an aborted one leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlmodel import select

from app.models import AuditEvent, FileImport, Role
from tests.wire.client import Site
from tests.wire.people import person

pytestmark = pytest.mark.anyio

LIMIT = 50_000_000
TALK = b"id,text\n" + b"".join(b"%d,I wish that sync were faster than this\n" % number for number in range(40_000))


@pytest.fixture
async def http(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=60) as client:
        yield client


def cookie(site: Site, role: Role = Role.EDITOR, **more: str) -> dict[str, str]:
    return {"Cookie": f"sid={site.session_of(person(site, role))}", **more}


def files_in(site: Site) -> set[str]:
    with site.database.read() as session:
        return set(session.exec(select(FileImport.id)).all())


async def pieces(data: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_a_file_larger_than_other_bodies_is_brought_by_our_own_page(site: Site, http: httpx.AsyncClient) -> None:
    assert len(TALK) > 1_500_000
    headers = cookie(site, Origin=site.url)
    answer = await http.post("/api/v1/imports", params={"name": "talk.csv"}, content=pieces(TALK), headers=headers)
    assert answer.status_code == 201, answer.text
    found = answer.json()
    assert (found["rows"], found["report"]["comments"]) == (40_000, 40_000)
    assert int(answer.headers["x-ratelimit-limit"]) == 20
    with site.database.read() as session:
        actions = session.exec(select(AuditEvent.action).where(AuditEvent.subject == found["id"])).all()
    assert actions == ["import:create"]
    answer = await http.post("/api/v1/imports", files={"file": ("form.csv", TALK)}, headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (201, "form.csv")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_no_other_site_makes_a_signed_in_browser_bring_a_file(
    site: Site, http: httpx.AsyncClient, origin: str | None
) -> None:
    before = files_in(site)
    headers = cookie(site, **({} if origin is None else {"Origin": origin}))
    answer = await http.post("/api/v1/imports", content=b"text\nhello\n", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "foreign_origin")
    assert files_in(site) == before


async def test_strangers_and_viewers_are_refused_before_their_file_is_read(site: Site, http: httpx.AsyncClient) -> None:
    before = files_in(site)
    assert (await http.post("/api/v1/imports", content=b"text\nhello\n")).status_code == 401
    headers = cookie(site, Role.VIEWER, Origin=site.url)
    assert (await http.post("/api/v1/imports", content=b"text\nhello\n", headers=headers)).status_code == 403
    assert files_in(site) == before


async def test_a_file_that_announces_too_much_is_refused_at_once(site: Site) -> None:
    token = site.session_of(person(site, Role.EDITOR))
    host, _, port = site.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /api/v1/imports HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {site.url}\r\nCookie: sid={token}\r\n"
        f"Content-Length: {LIMIT * 2}\r\n\r\n"
    )
    writer.write(head.encode() + b"text\n")
    await writer.drain()
    async with asyncio.timeout(20):
        assert b" 413 " in await reader.readline()
    writer.close()


async def test_a_file_that_breaks_off_leaves_nothing_and_the_process_goes_on(
    site: Site, http: httpx.AsyncClient
) -> None:
    before = files_in(site)
    token = site.session_of(person(site, Role.EDITOR))
    host, _, port = site.url.removeprefix("http://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /api/v1/imports HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {site.url}\r\nCookie: sid={token}\r\n"
        f"Content-Length: {len(TALK)}\r\n\r\n"
    )
    writer.write(head.encode() + TALK[:1_000_000])
    await writer.drain()
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    answer = await http.post(
        "/api/v1/imports", content=b"text\nhello\n", headers={"Cookie": f"sid={token}", "Origin": site.url}
    )
    assert answer.status_code == 201
    assert files_in(site) - before == {answer.json()["id"]}


async def test_the_framework_s_own_upload_stays_shut(site: Site, http: httpx.AsyncClient) -> None:
    answer = await http.post("/_upload", content=b"x", headers=cookie(site, Origin=site.url))
    assert answer.status_code == 404
