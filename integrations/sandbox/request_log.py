"""What was asked of the sandbox: kept in memory, and in a file that survives a restart when one is given."""

from __future__ import annotations

import json
from collections import deque
from pathlib import Path
from threading import Lock
from typing import TextIO

LARGEST = 100_000
"""Requests kept in memory; the file keeps all."""

Entry = dict[str, object]
"""`remote`, `method`, `path`, `query`, `status`, `fault`, `at` (seconds since 1970), `seconds` (until the
answer began to leave), and `noted` where a remote says what was true of the call. Never a credential."""


class RequestLog:
    """Appends one line of JSON per request."""

    def __init__(self, path: Path | None = None) -> None:
        """Read what `path` already holds, and append to it from now on."""
        self._entries: deque[Entry] = deque(maxlen=LARGEST)
        self._lock = Lock()
        self._file: TextIO | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists():
                self._entries.extend(_readable(path))
            self._file = path.open("a", encoding="utf-8", buffering=1)

    def add(self, entry: Entry) -> None:
        """Take note of one request."""
        with self._lock:
            self._entries.append(entry)
            if self._file is not None:
                self._file.write(json.dumps(entry) + "\n")

    def entries(self) -> list[Entry]:
        """Return all requests, oldest first."""
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        """Forget all requests, in the file too."""
        with self._lock:
            self._entries.clear()
            if self._file is not None:
                self._file.truncate(0)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


def _readable(path: Path) -> list[Entry]:
    """Return the entries of a log; a last line that a kill cut short is left out."""
    entries = []
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                entries.append(json.loads(line))
            except ValueError:
                continue
    return entries
