"""The audit trail as a file, newest first."""

from __future__ import annotations

from collections.abc import Iterator

from app.core.clock import rfc3339
from app.core.db import Database
from app.services import audit_trail, spreadsheet
from app.services.access import Actor
from app.services.audit_trail import AuditRow
from app.services.audit_words import Kind

COLUMNS = ("number", "at", "action", "what", "on", "detail", "who", "actor", "operator", "subject", "analysis_id", "id")


def csv_lines(database: Database, actor: Actor, *, kind: Kind | None = None) -> Iterator[str]:
    """Yield the acts in the actor's workspace as CSV, header first, page by page.

    Args:
        database: Where to read.
        actor: Who asks.
        kind: Only acts of this kind.

    Raises:
        NotPermitted: The actor is neither owner nor admin; raised before the first line.
    """
    cursor: str | None = None
    header = True
    while True:
        with database.read() as session:
            page = audit_trail.rows(session, actor, kind=kind, cursor=cursor, limit=100)
        if header:
            yield spreadsheet.line(COLUMNS)
            header = False
        for row in page.rows:
            yield spreadsheet.line(_cells(row))
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _cells(row: AuditRow) -> list[str]:
    values = {**row.model_dump(), "at": rfc3339(row.at), "operator": "yes" if row.operator else ""}
    return [spreadsheet.neutral(values[name]) for name in COLUMNS]
