"""How much a request may send, and how long it may take: the server itself has neither limit.

Granian held a drip-fed body open for more than 45 s and took 100 MB. Bodies here are small, so they are read whole
before the application sees the request.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem

LIMIT = 1_000_000
WEBHOOK_LIMIT = 256_000
WEBHOOKS = "/api/webhooks/"
DRAINED = 5_000_000
"""What is read and thrown away before a refusal: a client that is cut off while it sends never sees the answer."""

DEADLINE_SECONDS = 10.0


class _Gone(Exception):
    """The client went away in the middle of its body."""


class _TooLarge(Exception):
    """The body is larger than the limit."""


class Bodies:
    """Reads a request's body within its limits, then hands it on in one piece."""

    def __init__(self, app: ASGIApp, *, deadline_seconds: float = DEADLINE_SECONDS) -> None:
        """Wrap `app`."""
        self._app = app
        self._deadline_seconds = deadline_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body, or refuse it with 413 or 408."""
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or not ("content-length" in headers or "transfer-encoding" in headers):
            await self._app(scope, receive, send)
            return
        limit = WEBHOOK_LIMIT if scope["path"].startswith(WEBHOOKS) else LIMIT
        try:
            async with asyncio.timeout(self._deadline_seconds):
                body = await _read(receive, _length(headers), limit)
        except _TooLarge:
            response = problem(
                413,
                "too_large",
                f"The body is larger than {limit:,} bytes; send less.",
                headers={"Connection": "close"},
            )
            await response(scope, receive, send)
        except TimeoutError:
            response = problem(
                408,
                "too_slow",
                f"The body did not arrive within {self._deadline_seconds:g} s; send it again.",
                headers={"Connection": "close"},
            )
            await response(scope, receive, send)
        except _Gone:
            return
        else:
            await self._app(scope, _replay(body, receive), send)


def _length(headers: Headers) -> int:
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


async def _read(receive: Receive, announced: int, limit: int) -> bytes:
    if announced > DRAINED:
        raise _TooLarge
    body = bytearray()
    received = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone
        piece = message.get("body", b"")
        received += len(piece)
        if received <= limit:
            body += piece
        if received > DRAINED or (received > limit and not message.get("more_body", False)):
            raise _TooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives the body once, then what the server says (that the client has gone)."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return pending.pop() if pending else await receive()

    return next_message
