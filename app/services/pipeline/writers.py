"""Who wrote an item, and how it is said when that is not known."""

from __future__ import annotations

from app.services.pipeline.records import Record

_UNNAMED = "unknown:"


def writer(record: Record) -> str:
    """Return who wrote an item; one without an author counts as written by somebody else than all others."""
    return record.author or unnamed(record.id)


def unnamed(item_id: str) -> str:
    """Return the writer of an item without an author."""
    return f"{_UNNAMED}{item_id}"


def is_named(who: str) -> bool:
    """Return whether a writer is a person that the source names, or who was told apart by a pseudonym."""
    return not who.startswith(_UNNAMED)


def by_whom(people: int, unnamed_items: int) -> str:
    """Return in words who wrote some items: `9 people`, `9 people and 3 not named`, `people not named`.

    Args:
        people: Writers, those of items without an author included.
        unnamed_items: Items without an author.
    """
    named = people - unnamed_items
    if named <= 0:
        return "people not named" if unnamed_items else "nobody"
    said = f"{named:,} {'person' if named == 1 else 'people'}"
    return f"{said} and {unnamed_items:,} not named" if unnamed_items else said
