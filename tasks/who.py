"""Names of processes that cannot be mistaken for another: host, process id, and when it was started."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


def worker_name() -> str:
    """Return this process's name, `host|pid|start`."""
    return _name(os.getpid())


def host() -> str:
    """Return this host's name with its process namespace: containers may share a name, never both."""
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink()).rpartition(":")[2].strip("[]")
    except OSError:
        namespace = "0"
    return f"{socket.gethostname()}.{namespace}"


def is_gone(name: str) -> bool:
    """Return whether the named process ran on this host and runs no more; False when that cannot be known."""
    where, _, rest = name.partition("|")
    identifier, _, started = rest.partition("|")
    if where != host() or not identifier.isdecimal():
        return False
    return _started(int(identifier)) != started


@cache
def _name(process_id: int) -> str:
    return f"{host()}|{process_id}|{_started(process_id)}"


def _started(process_id: int) -> str:
    """Return when a process was started, in clock ticks since boot; empty when there is none (`man 5 proc`)."""
    try:
        stat = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]
