"""Sortable ids: UUIDv7 as text (https://www.rfc-editor.org/rfc/rfc9562#section-5.7)."""

from __future__ import annotations

import os
import re
import threading
import time
import uuid

_PATTERN = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return a new id; ids made by one process sort in the order they were made.

    The 12 bits after the milliseconds hold a fraction of the millisecond (method 3 of section 6.2), pushed on by one
    where two ids would share it, so that rows inserted in one batch keep their order.
    """
    global _last  # noqa: PLW0603 - the counter is the point
    nanoseconds = time.time_ns()
    stamp = (nanoseconds // 1_000_000 << 12) | (nanoseconds % 1_000_000 * 4096 // 1_000_000)
    with _lock:
        _last = stamp = max(stamp, _last + 1)
    random = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    return str(uuid.UUID(int=(stamp >> 12 << 80) | (7 << 76) | ((stamp & 0xFFF) << 64) | (0b10 << 62) | random))


def is_id(value: object) -> bool:
    """Return whether `value` is text in the form of our ids."""
    return isinstance(value, str) and _PATTERN.match(value) is not None
