"""How much a request may send, and how long it may take: the server itself has neither limit.

Granian held a drip-fed body open for more than 45 s and took 100 MB. Most bodies here are small, so they are read whole
before the application sees the request. Files that people bring are not: they are passed on piece by piece, under a cap
of their own, to a route that first asks who sends them.
"""

from __future__ import annotations

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem
from app.core.errors import TooLarge, TooSlow
from app.core.settings import settings

LIMIT = 1_000_000
WEBHOOK_LIMIT = 256_000
WEBHOOKS = "/api/webhooks/"
DRAINED = 5_000_000
"""What is read and thrown away before a refusal: a client that is cut off while it sends never sees the answer."""

DEADLINE_SECONDS = 10.0
UPLOADS = "/api/v1/imports"
SILENCE_SECONDS = 20.0
"""Longest wait for the next piece of a file."""
UPLOAD_SECONDS = 900.0
"""Longest time for a whole file."""
AROUND_A_FILE = 10_000
"""Bytes that a form may put around its file."""


class _Gone(Exception):
    """The client went away in the middle of its body."""


class _TooLarge(Exception):
    """The body is larger than the limit."""


class Bodies:
    """Reads a request's body within its limits, then hands it on in one piece."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
        silence_seconds: float = SILENCE_SECONDS,
        upload_bytes: int | None = None,
    ) -> None:
        """Wrap `app`; `upload_bytes` is the cap on a file, by default that of the settings."""
        self._app = app
        self._deadline_seconds = deadline_seconds
        self._silence_seconds = silence_seconds
        self._upload_bytes = settings().import_max_bytes if upload_bytes is None else upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on the request with its body, or refuse it with 413 or 408."""
        headers = Headers(scope=scope) if scope["type"] == "http" else None
        if headers is None or not _may_have_a_body(scope, headers):
            await self._app(scope, receive, send)
            return
        if scope["path"].rstrip("/") == UPLOADS:
            await self._pass_on(scope, receive, send, _length(headers))
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

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, announced: int) -> None:
        """Let the application read the body piece by piece; it is told with an error when to stop."""
        cap = self._upload_bytes + AROUND_A_FILE
        too_large = TooLarge(
            f"The file is larger than {self._upload_bytes:,} bytes; bring a part of it, or raise "
            "ASTERISM_IMPORT_MAX_BYTES.",
            field="file",
        )
        if announced > cap:
            await problem(413, too_large.code, too_large.message, field="file", headers={"Connection": "close"})(
                scope, receive, send
            )
            return
        received, whole = 0, False
        ends = asyncio.get_running_loop().time() + UPLOAD_SECONDS

        async def next_piece() -> Message:
            nonlocal received, whole
            if whole:  # from here on it is only asked whether the client is still there
                return await receive()
            left = ends - asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(max(0.0, min(self._silence_seconds, left))):
                    message = await receive()
            except TimeoutError:
                raise TooSlow("The file did not arrive in time; send it again.", field="file") from None
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if received > cap:
                raise too_large
            return message

        await self._app(scope, next_piece, send)


def _may_have_a_body(scope: Scope, headers: Headers) -> bool:
    """Tell whether a body may come: HTTP/1 announces one, HTTP/2 need not."""
    announced = "content-length" in headers or "transfer-encoding" in headers
    return announced or not str(scope.get("http_version", "1.1")).startswith("1")


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
