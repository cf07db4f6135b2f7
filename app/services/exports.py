"""The items of an analysis as a file."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.clock import rfc3339
from app.core.db import database
from app.services import items, spreadsheet
from app.services.access import Actor
from app.services.contract import ItemView
from app.services.items import ItemFilters

COLUMNS = (
    "id",
    "sample",
    "provider",
    "kind",
    "community",
    "author",
    "posted_at",
    "title",
    "text",
    "language",
    "sentiment",
    "sentiment_label",
    "intents",
    "intent_words",
    "topic",
    "spam",
    "spam_reasons",
    "duplicate_of",
    "removed",
    "upvotes",
    "external_id",
    "parent_external_id",
    "thread_external_id",
    "permalink",
)


def csv_lines(actor: Actor, analysis_id: str, filters: ItemFilters, *, sample: bool) -> Iterator[str]:
    """Yield the items as CSV, header first, page by page, so that a million rows need no memory.

    Args:
        actor: Who asks.
        analysis_id: Of which analysis.
        filters: Which items.
        sample: Written into each row, so that sample data stays labelled outside too.

    Raises:
        NotFound: The analysis is not the actor's; raised before the first line.
    """
    cursor: str | None = None
    header = True
    while True:
        with database().read() as session:
            page = items.page(session, actor, analysis_id, filters, cursor=cursor, limit=100)
        if header:
            yield spreadsheet.line(COLUMNS)
            header = False
        for row in page.rows:
            yield spreadsheet.line(_cells(row, sample=sample))
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _cells(row: ItemView, *, sample: bool) -> list[str]:
    values: dict[str, object] = {
        **row.model_dump(),
        "sample": "SAMPLE" if sample else "",
        "posted_at": rfc3339(row.posted_at),
        "intents": " ".join(row.intents),
        "intent_words": " | ".join(
            f"{name}: {spoken}" for name in row.intents for spoken in items.intent_words(row, name)
        ),
        "spam_reasons": " ".join(row.spam_reasons),
    }
    return [
        _number(values[name]) if name in {"sentiment", "upvotes"} else spreadsheet.neutral(values[name])
        for name in COLUMNS
    ]


def _number(value: object) -> str:
    return "" if value is None else str(value)
