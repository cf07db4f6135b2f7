"""Keyset paging: a page ends in an opaque cursor, so page 10,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.core.errors import InvalidInput

T = TypeVar("T")
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones start (None when these were the last)."""

    rows: Sequence[T]
    next_cursor: str | None


def encode_cursor(*key: str | float | None) -> str:
    """Return the sort key of the last row as opaque text."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, length: int) -> list[str | float | None]:
    """Return the sort key inside a cursor.

    Raises:
        InvalidInput: It was not made by `encode_cursor` for a key of this length.
    """
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor") from error
    if not isinstance(key, list) or len(key) != length or not all(_is_plain(part) for part in key):
        raise InvalidInput("The cursor is not one that we gave; start again without it.", field="cursor")
    return key


def _is_plain(part: object) -> bool:
    """Tell whether a part of a cursor is one that we could have written: plain ASCII or a number."""
    if isinstance(part, str):
        return part.isascii() and part.isprintable()
    return part is None or isinstance(part, int | float)


def check_limit(limit: int) -> int:
    """Return the limit if it is one that we serve.

    Raises:
        InvalidInput: It is below 1 or above 100.
    """
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit is {limit}; ask for 1 to {MAX_LIMIT} rows.", field="limit")
    return limit
