"""What every source does alike as it reads page by page: take up at a cursor, and keep to what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from integrations.contracts import Cursor, Scope

P = TypeVar("P", bound=BaseModel)
T = TypeVar("T")


def taken_up(progress: type[P], cursor: Cursor | None) -> P | None:
    """Return what a cursor says is still to be read; None where reading begins."""
    if cursor is None:
        return None
    try:
        return progress.model_validate(cursor)
    except ValidationError:
        # Written by another version: starting again is safe, since items are stored once by their id.
        return None


def within_limit(scope: Scope, items: int, first: Sequence[T], second: Sequence[T]) -> tuple[list[T], list[T]]:
    """Return as much of a page's two parts, in their order, as is wanted after `items` were read."""
    if scope.item_limit is None:
        return list(first), list(second)
    left = scope.item_limit - items
    return list(first[:left]), list(second[: left - len(first[:left])])


def is_enough(scope: Scope, items: int) -> bool:
    """Return whether no more items are wanted."""
    return scope.item_limit is not None and items >= scope.item_limit


def at_most(scope: Scope, items: int) -> int:
    """Return how many of the items that there are will be read."""
    return items if scope.item_limit is None else min(items, scope.item_limit)


def in_range(scope: Scope, thing: T, written: Callable[[T], float]) -> bool:
    """Return whether a thing is of the time that is wanted.

    Args:
        scope: What is wanted.
        thing: As the provider sent it.
        written: Reads its time, in seconds since 1970; asked only where a time is wanted.
    """
    if scope.since is None and scope.until is None:
        return True
    time = written(thing)
    if scope.since is not None and time < scope.since.timestamp():
        return False
    return scope.until is None or time <= scope.until.timestamp()


def says_any(words: str, keywords: Iterable[str]) -> bool:
    """Return whether a text holds one of the keywords, in whatever case."""
    folded = words.casefold()
    return any(keyword.casefold() in folded for keyword in keywords)
