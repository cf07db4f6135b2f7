"""The body limits' clock, without waiting for it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from app.api.bodies import DRAINED, Bodies

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


async def test_a_body_without_end_is_refused_before_it_fills_the_memory() -> None:
    received = 0

    async def flood() -> Message:
        nonlocal received
        received += 100_000
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": True}

    scope = {**SCOPE, "headers": [(b"transfer-encoding", b"chunked")]}
    status, _ = await _statuses(flood, deadline_seconds=5, scope=scope)
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
