"""A log file that turns itself over, and the lines in it that a person should see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 5_000_000
KEPT = 3
"""Files kept beside the present one: `web.log.1` is the newest of them."""

_TROUBLE = re.compile(
    rb"\[(?:warning|error|critical)\s*\]"  # structlog as text
    rb"|(?:^|[\s\[])(?:WARNING|ERROR|CRITICAL)(?:[\]\s:/]|$)"  # logging, Granian
    rb"|\"level\": ?\"(?:warning|error|critical)\""  # structlog as JSON
)
_CHANGING = re.compile(rb"\d+")


def tells_of_trouble(line: bytes) -> bool:
    """Return whether a log line is a warning or worse, in any of the forms that our parts write."""
    return _TROUBLE.search(line) is not None


def without_numbers(line: bytes) -> bytes:
    """Return the line with times, ids and counts taken out, so that repeats look alike."""
    return _CHANGING.sub(b"", line)


class RotatingLog:
    """Appends to one file; at `max_bytes` it is renamed to `….1`, the older ones move on, the oldest goes."""

    def __init__(self, path: Path, *, max_bytes: int = MAX_BYTES, kept: int = KEPT) -> None:
        """Open the file for appending."""
        self._path = path
        self._max_bytes = max_bytes
        self._kept = kept
        self._file = self._open()

    def write(self, data: bytes) -> None:
        """Append bytes; a full disk loses log lines and nothing else."""
        try:
            if self._file.closed:
                self._file = self._open()
            self._file.write(data)
            if self._file.tell() >= self._max_bytes:
                self._turn_over()
        except OSError:
            return

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _open(self) -> BinaryIO:
        return self._path.open("ab", buffering=0)

    def _turn_over(self) -> None:
        self._file.close()
        for number in range(self._kept, 0, -1):
            older = self._path.with_name(f"{self._path.name}.{number}")
            newer = self._path if number == 1 else self._path.with_name(f"{self._path.name}.{number - 1}")
            if newer.exists():
                newer.replace(older)
        self._file = self._open()
