"""The body limits' clock, without waiting for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from app.api.bodies import DRAINED, Bodies
from app.core.errors import AppError

pytestmark = pytest.mark.anyio

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/api/x", "headers": [(b"content-length", b"10")]}


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    message = await receive()
    await PlainTextResponse(message["body"])(scope, receive, send)


async def _statuses(receive: Receive, *, deadline_seconds: float = 0.05, scope: Scope = SCOPE) -> list[Any]:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await Bodies(_echo, deadline_seconds=deadline_seconds)(scope, receive, send)
    return [message.get("status", message.get("body")) for message in sent]


async def test_a_body_that_drips_is_cut_at_the_deadline() -> None:
    async def drip() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    status, body = await _statuses(drip)
    assert status == 408
    assert b"did not arrive" in body


async def test_a_body_in_pieces_arrives_whole() -> None:
    pieces = iter([b"hello ", b"world"])

    async def receive() -> Message:
        piece = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": piece != b"world"}

    assert await _statuses(receive) == [200, b"hello world"]


@pytest.mark.parametrize(
    "unannounced",
    [{"headers": [(b"transfer-encoding", b"chunked")]}, {"headers": [], "http_version": "2"}],
    ids=["HTTP/1", "HTTP/2"],
)
async def test_a_body_without_end_is_refused_before_it_fills_the_memory(unannounced: dict[str, Any]) -> None:
    received = 0

    async def flood() -> Message:
        nonlocal received
        received += 100_000
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    status, _ = await _statuses(flood, deadline_seconds=5, scope={**SCOPE, **unannounced})
    assert status == 413
    assert received <= DRAINED + 100_000


async def test_a_huge_body_that_is_announced_is_not_read_at_all() -> None:
    async def receive() -> Message:
        raise AssertionError("it was read")

    scope = {**SCOPE, "headers": [(b"content-length", b"100000000")]}
    status, _ = await _statuses(receive, scope=scope)
    assert status == 413


async def test_a_client_that_leaves_gets_no_answer() -> None:
    async def leave() -> Message:
        return {"type": "http.disconnect"}

    assert await _statuses(leave) == []


async def test_a_request_without_a_body_is_not_waited_for() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("ok")(scope, receive, send)

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async with asyncio.timeout(1):
        await Bodies(app)({**SCOPE, "headers": []}, never, send)
    assert sent[0]["status"] == 200


UPLOAD: Scope = {**SCOPE, "path": "/api/v1/imports", "headers": [(b"transfer-encoding", b"chunked")]}


async def _told(receive: Receive, scope: Scope = UPLOAD) -> Any:
    """Read a file as a route does; return what was received, or the error that ended it."""
    found: list[Any] = []

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        received = 0
        try:
            while True:
                message = await receive()
                received += len(message.get("body", b""))
                if not message.get("more_body", False):
                    break
        except AppError as error:
            found.append(error.status)
        else:
            found.append(received)

    async def send(message: Message) -> None:
        found.append(message.get("status"))

    await Bodies(route, silence_seconds=0.05, upload_bytes=2_000_000)(scope, receive, send)
    return found[0]


async def test_a_file_is_passed_on_piece_by_piece_beyond_the_limit_of_other_bodies() -> None:
    pieces = iter([*[b"x" * 100_000] * 19, b""])

    async def receive() -> Message:
        piece = next(pieces)
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    assert await _told(receive) == 1_900_000


async def test_a_file_without_end_is_cut_at_its_cap() -> None:
    async def flood() -> Message:
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    assert await _told(flood) == 413


async def test_a_file_that_goes_silent_is_cut() -> None:
    async def silence() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    assert await _told(silence) == 408


async def test_a_file_that_announces_more_than_the_cap_is_not_read() -> None:
    async def receive() -> Message:
        raise AssertionError("it was read")

    assert await _told(receive, {**UPLOAD, "headers": [(b"content-length", b"3000000")]}) == 413
