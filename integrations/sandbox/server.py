"""One local server for all stand-ins: `/<remote>/…`, `/_health`, and `/_control` behind a secret.

socket ──parse──▶ latency ──▶ fault? ──▶ remote.handle ──▶ sent whole, or spoiled by the fault ──▶ request log
"""

from __future__ import annotations

import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from socketserver import TCPServer
from threading import Event, Lock, Thread
from types import FrameType, TracebackType
from typing import ClassVar, Self, cast
from urllib.parse import parse_qsl, unquote

import integrations.sandbox
from integrations.sandbox.control import Control, ControlDoor
from integrations.sandbox.corpus import DEFAULT_SEED, generate
from integrations.sandbox.delivery import deliver, in_place_of_remote
from integrations.sandbox.faults import Fault, FaultBook
from integrations.sandbox.remote import Liar, Remote, Request, Response, World
from integrations.sandbox.request_log import RequestLog

LARGEST_BODY = 1_000_000
"""Bytes that a request may send."""


def discover() -> dict[str, type[Remote]]:
    """Return every remote in this folder by its id: a class with `id` and `handle` in a module of its own."""
    found: dict[str, type[Remote]] = {}
    for module in iter_modules(integrations.sandbox.__path__, "integrations.sandbox."):
        for thing in vars(import_module(module.name)).values():
            if (
                isinstance(thing, type)
                and thing.__module__ == module.name
                and isinstance(getattr(thing, "id", None), str)
                and hasattr(thing, "handle")
            ):
                found[cast("type[Remote]", thing).id] = cast("type[Remote]", thing)
    return found


class SandboxServer:
    """The stand-ins on a local port; a context manager that runs them in a thread.

    with SandboxServer(secret="…") as sandbox:
        sandbox.url                               # http://127.0.0.1:43121
        sandbox.control.set_fault(Fault("slow"))
    """

    def __init__(
        self,
        *,
        secret: str,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int = DEFAULT_SEED,
        scale: float = 1.0,
        log_path: Path | None = None,
        now: float | None = None,
    ) -> None:
        """Make the corpus and bind the port (0: any free one); nothing is answered before `serve_forever`.

        Args:
            secret: What `/_control` asks for; must not be empty.
            host: Address to listen on.
            port: Port to listen on.
            seed: Of the corpus.
            scale: Size of the corpus; 1 is about 24,000 items.
            log_path: File that the request log is kept in too.
            now: The moment that the talk leads up to, in seconds since 1970; the last full hour by default.
        """
        self.corpus = generate(seed, scale)
        self.faults = FaultBook()
        self.log = RequestLog(log_path)
        self.world = World(self.corpus, time.time() // 3600 * 3600 if now is None else now)
        self.remotes = {name: remote(self.world) for name, remote in discover().items()}
        quotas = {name: quota for name, one in self.remotes.items() if (quota := getattr(one, "quota", None))}
        self.door = ControlDoor(secret, self.faults, self.log, quotas)
        try:
            self._server = _Server((host, port), self)
        except OSError:
            self.log.close()
            raise
        self.port: int = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}"
        self.control = Control(self.url, secret)
        self._thread: Thread | None = None

    def __enter__(self) -> Self:
        self._thread = Thread(target=self.serve_forever, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        if self._thread is not None:
            self._thread.join()
        self.close()

    def serve_forever(self) -> None:
        """Answer until `stop` is called."""
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        """Let `serve_forever` return; must be called from another thread."""
        self._server.shutdown()

    def close(self) -> None:
        """Close the port, all connections and the log."""
        self._server.server_close()
        self._server.hang_up()
        self.log.close()

    def health(self) -> dict[str, object]:
        """Return what `/_health` answers."""
        return {
            "status": "ok",
            "sample": True,
            "remotes": sorted(self.remotes),
            "items": len(self.corpus.items),
            "seed": self.corpus.seed,
        }


def serve(
    host: str,
    port: int,
    *,
    secret: str,
    seed: int = DEFAULT_SEED,
    scale: float = 1.0,
    log_path: Path | None = None,
) -> None:
    """Run the sandbox until SIGTERM or SIGINT. Raises `OSError` when the port is taken."""
    sandbox = SandboxServer(secret=secret, host=host, port=port, seed=seed, scale=scale, log_path=log_path)
    ended = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with sandbox:
        ended.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__(address, _Handler)

    @contextmanager
    def line(self, connection: socket.socket) -> Iterator[None]:
        """Keep count of an open connection, so that closing the server ends it."""
        with self._lock:
            self._open.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(connection)

    def hang_up(self) -> None:
        """End every open connection."""
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def server_bind(self) -> None:
        """Bind without looking up this machine's name, which can take seconds where there is no network."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that hang up, which is part of the game; show every other error."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version: ClassVar[str] = "HTTP/1.1"  # type: ignore[misc]
    disable_nagle_algorithm: ClassVar[bool] = True
    server: _Server

    def handle(self) -> None:
        with self.server.line(self.connection):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the standard library
        """Write nothing to the terminal; the request log has it all."""

    def answer(self) -> None:
        """Answer any method."""
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY or self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            # Unread bytes would turn the end of the connection into a reset that swallows the answer.
            left = min(length, 16 * LARGEST_BODY)
            while left > 0 and (piece := self.rfile.read(min(left, 65_536))):
                left -= len(piece)
            deliver(self, Response.json({"error": "Send at most a megabyte, with its length."}, 413))
            return
        mount, _, rest = path.lstrip("/").partition("/")
        request = Request(
            method=self.command,
            path="/" + unquote(rest),
            query=dict(parse_qsl(query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )
        sandbox = self.server.sandbox
        if mount == "_health":
            deliver(self, Response.json(sandbox.health()))
        elif mount == "_control":
            deliver(self, sandbox.door.handle(request))
        elif remote := sandbox.remotes.get(mount):
            self._answer_as(remote, request, query)
        else:
            known = ", ".join(f"/{name}" for name in sorted(sandbox.remotes))
            deliver(self, Response.json({"error": f"Nothing is mounted there; try {known}."}, 404))

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer  # noqa: N815 - names in the standard library

    def _answer_as(self, remote: Remote, request: Request, query: str) -> None:
        sandbox = self.server.sandbox
        started = time.time()
        if wait := sandbox.faults.latency(remote.id):
            time.sleep(wait)
        fault = sandbox.faults.hit(remote.id, request.method, request.path)
        if fault and fault.kind == "expired_token":
            remote.forget_token(request)
        if fault and fault.kind == "slow":
            time.sleep(fault.seconds)
        response = _answered(remote, request, fault)
        # Before the answer leaves: whoever has it finds its request in the log.
        sandbox.log.add(
            {
                "remote": remote.id,
                "method": request.method,
                "path": request.path,
                "query": query,
                "status": response.status,
                "fault": fault.kind if fault else None,
                "at": started,
                "seconds": round(time.time() - started, 6),
                **({"noted": response.noted} if response.noted else {}),
            }
        )
        deliver(self, response, fault)


def _answered(remote: Remote, request: Request, fault: Fault | None) -> Response:
    """Return what a remote answers, or what a fault puts in place of that."""
    if fault is not None and isinstance(remote, Liar):
        if fault.kind == "lie":
            return remote.lie(request, fault.lie)
        if fault.kind == "status":
            refused = remote.refuse(fault.status)
            refused.headers.update(fault.retry_headers())
            return refused
    return (in_place_of_remote(fault) if fault else None) or remote.handle(request)
