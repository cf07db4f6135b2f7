"""Keyset paging: a page ends in an opaque cursor, so page 10,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Mapped

from app.core.errors import InvalidInput

T = TypeVar("T")
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])
MAX_LIMIT = 100
_NOT_OURS = "The cursor is not one that we gave; start again without it."


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and where the next ones start (None when these were the last)."""

    rows: Sequence[T]
    next_cursor: str | None


def newest_first(query: Q, identifier: Mapped[str], cursor: str | None, limit: int) -> Q:
    """Return the query for one page by id, which is by age, and for one row more: it tells whether others follow.

    Args:
        query: The rows, in no order yet.
        identifier: The column that orders them.
        cursor: Where the last page ended; None for the first.
        limit: Most rows of the page.

    Raises:
        InvalidInput: The cursor or the limit is not one that we serve.
    """
    before = id_before(cursor)
    if before is not None:
        query = query.where(identifier < before)
    return query.order_by(identifier.desc()).limit(check_limit(limit) + 1)


def id_before(cursor: str | None) -> str | None:
    """Return the id at which the last page ended; None for the first page. Raises `InvalidInput`."""
    if not cursor:
        return None
    (last,) = decode_cursor(cursor, 1)
    if not isinstance(last, str):
        raise InvalidInput(_NOT_OURS, field="cursor")
    return last


def cut(found: Sequence[T], limit: int, key: Callable[[T], Sequence[str]]) -> tuple[Sequence[T], str | None]:
    """Return the rows of the page out of one more, and the cursor of the next one.

    Args:
        found: Up to `limit + 1` rows.
        limit: Most rows of the page.
        key: What the rows are ordered by.
    """
    kept = found[:limit]
    return kept, encode_cursor(*key(kept[-1])) if len(found) > limit else None


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
        raise InvalidInput(_NOT_OURS, field="cursor") from error
    if not isinstance(key, list) or len(key) != length or not all(_is_plain(part) for part in key):
        raise InvalidInput(_NOT_OURS, field="cursor")
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
