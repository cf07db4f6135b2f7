"""A real HTTP server on loopback that answers as a test tells it, and misbehaves on request."""

from __future__ import annotations

import contextlib
import gzip
import http.server
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]
    body: str = ""


@dataclass(frozen=True)
class Reply:
    """One answer, and how badly to deliver it."""

    body: bytes = b"{}"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: bool = False
    """Send one byte at a time for as long as the client listens."""
    drip_headers: bool = False
    reset: bool = False
    """Break the connection instead of answering."""
    cut: bool = False
    """Announce more bytes than are sent."""

    @classmethod
    def of(cls, value: object, status: int = 200, **headers: str) -> Reply:
        return cls(json.dumps(value).encode(), status, {"content-type": "application/json; charset=UTF-8", **headers})

    @classmethod
    def page(cls, text: str = "<html><body><h1>Hello</h1></body></html>", status: int = 200) -> Reply:
        return cls(text.encode(), status, {"content-type": "text/html"})

    @classmethod
    def bomb(cls, size: int = 100_000_000) -> Reply:
        packed = gzip.compress(b"[" + b" " * size + b"]", compresslevel=1)
        return cls(packed, headers={"content-type": "application/json", "content-encoding": "gzip"})


class LocalServer:
    """`answer` decides; `faults` (a function set by a test) goes first where it returns a reply."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        self.asked: list[Asked] = []
        self.answer = answer
        self.faults: Callable[[Asked], Reply | None] = lambda _: None
        self.closing = threading.Event()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's acknowledgement

            def do_GET(self) -> None:
                outer._handle(self)

            def do_POST(self) -> None:
                outer._handle(self)

            def log_message(self, *arguments) -> None:
                """Stay silent."""

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address) -> None:
                """A client that hangs up is what some tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("content-length") or 0)).decode()
        asked = Asked(
            handler.command,
            parts.path,
            {name: values[0] for name, values in parse_qs(parts.query).items()},
            {name: values[0] for name, values in parse_qs(body).items()},
            {name.lower(): value for name, value in handler.headers.items()},
            body,
        )
        self.asked.append(asked)
        reply = self.faults(asked) or self.answer(asked)
        if reply.reset:
            # Linger 0 makes close() send a reset instead of a polite end.
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.connection.close()
            handler.close_connection = True
            return
        if reply.drip_headers:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nx-long: ")
            self._drip(handler)
            return
        handler.send_response(reply.status)
        for name, value in reply.headers.items():
            handler.send_header(name, value)
        length = 1_000_000 if reply.drip else len(reply.body) + (50 if reply.cut else 0)
        handler.send_header("content-length", str(length))
        handler.end_headers()
        if reply.drip:
            self._drip(handler)
        else:
            handler.wfile.write(reply.body)
        if reply.cut:
            handler.close_connection = True

    def _drip(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        with contextlib.suppress(OSError):
            while not self.closing.wait(0.02):
                handler.wfile.write(b" ")
                handler.wfile.flush()


@contextlib.contextmanager
def serve(answer: Callable[[Asked], Reply]) -> Iterator[LocalServer]:
    server = LocalServer(answer)
    try:
        yield server
    finally:
        server.close()
