"""How an answer leaves the server: whole, in one write, or spoiled the way a fault wants it."""

from __future__ import annotations

import gzip
import io
import json
import socket
import struct
import time
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler

from integrations.sandbox.faults import Fault
from integrations.sandbox.remote import Response

_PAGE = b"<!doctype html><html><head><title>Service</title></head><body><h1>Please wait</h1></body></html>\n"
_BROKEN = {
    "malformed": b'{"kind": "Listing", "data": {,]',
    "wrong_shape": b'{"result": {"entries": 7}, "version": 99}',
}
_PIECES = 20
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset in place of a clean end."""


def in_place_of_remote(fault: Fault) -> Response | None:
    """Return the answer of a fault that strikes before the remote is asked; None for those that come after."""
    match fault.kind:
        case "status":
            told = {"message": HTTPStatus(fault.status).phrase, "error": fault.status}
            return Response(fault.status, json.dumps(told).encode(), headers=fault.retry_headers())
        case "html":
            return Response(200 if fault.status == 503 else fault.status, _PAGE, "text/html; charset=UTF-8")
        case "gzip_bomb":
            return Response(200, _bomb(fault.size), headers={"Content-Encoding": "gzip"})
        case "malformed" | "wrong_shape":
            return Response(200, _BROKEN[fault.kind])
    return None


def deliver(handler: BaseHTTPRequestHandler, response: Response, fault: Fault | None = None) -> None:
    """Send `response`, on the way spoiled by `fault`."""
    match fault.kind if fault else None:
        case "reset":
            _send_half_and_reset(handler, response)
        case "drip":
            _send_slowly(handler, response, fault.seconds if fault else 0)
        case "truncated":
            half = response.body[: len(response.body) // 2]
            _send(handler, Response(response.status, half, response.content_type, response.headers))
        case _:
            _send(handler, response)


def _head(response: Response, *, close: bool) -> bytes:
    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Status"
    lines = [
        f"HTTP/1.1 {response.status} {phrase}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        f"Connection: {'close' if close else 'keep-alive'}",
        "Cache-Control: no-store",
        "X-Sample: true",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _send(handler: BaseHTTPRequestHandler, response: Response) -> None:
    body = b"" if handler.command == "HEAD" else response.body
    handler.wfile.write(_head(response, close=handler.close_connection) + body)


def _send_half_and_reset(handler: BaseHTTPRequestHandler, response: Response) -> None:
    handler.wfile.write(_head(response, close=False) + response.body[: len(response.body) // 2])
    handler.close_connection = True
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    # `shutdown` would end it cleanly before the reset; the server calls it after the handler, so close here.
    handler.rfile.close()
    handler.connection.close()


def _send_slowly(handler: BaseHTTPRequestHandler, response: Response, seconds: float) -> None:
    handler.wfile.write(_head(response, close=handler.close_connection))
    size = max(1, -(-len(response.body) // _PIECES))
    for start in range(0, len(response.body), size):
        time.sleep(seconds / _PIECES)
        handler.wfile.write(response.body[start : start + size])


@lru_cache(maxsize=2)
def _bomb(size: int) -> bytes:
    """Return gzip data that unpacks to `size` bytes of JSON text; about a thousandth of that."""
    packed = io.BytesIO()
    block = b" " * 1_000_000
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0) as stream:
        stream.write(b'{"kind": "Listing", "data": "')
        for _ in range(size // len(block)):
            stream.write(block)
        stream.write(b'"}')
    return packed.getvalue()
