"""Results as files. Cells that a spreadsheet would run as a formula are neutralised."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from app.core.clock import rfc3339
from app.core.db import database
from app.services import items
from app.services.access import Actor
from app.services.contract import ItemView
from app.services.items import ItemFilters

_DANGEROUS = re.compile(r"^\s*[=+\-@|%\t\r\n\x00\uFF1D\uFF0B\uFF0D\uFF20]")
"""First characters that start a formula or a command in a spreadsheet, full-width ones too
(https://owasp.org/www-community/attacks/CSV_Injection)."""

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


def neutral(cell: object) -> str:
    """Return the cell as text that no spreadsheet runs: a dangerous start gets an apostrophe before it."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _DANGEROUS.match(text) else text


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
            yield _line(COLUMNS)
            header = False
        for row in page.rows:
            yield _line(_cells(row, sample=sample))
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
    return [_number(values[name]) if name in {"sentiment", "upvotes"} else neutral(values[name]) for name in COLUMNS]


def _number(value: object) -> str:
    return "" if value is None else str(value)


def _line(cells: tuple[str, ...] | list[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
