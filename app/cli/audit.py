"""`asterism audit` tells who did what in the local owner's workspace."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from app.core.paging import Page
    from app.services.audit_trail import AuditRow

Kind = Literal["analysis", "job", "question", "file", "key", "session", "operations"]


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("audit")(audit)


def audit(
    kind: Annotated[Kind | None, typer.Option(help="Only acts of this kind.")] = None,
    limit: Annotated[int, typer.Option(help="Most rows, 1 to 100.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where to go on; the end of a full list names it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Tell who did what, on what and when, newest first."""
    from app.cli.asking.places import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import edge, logging  # noqa: PLC0415
    from app.services import audit_trail  # noqa: PLC0415

    logging.configure_beside_words()

    async def read() -> Page[AuditRow]:
        return await edge.read(audit_trail.rows, await local_owner(), kind=kind, cursor=cursor, limit=limit)

    page = asyncio.run(read())
    for row in page.rows:
        sys.stdout.write(f"{row.model_dump_json() if as_json else _line(row)}\n")
    if not page.rows:
        sys.stderr.write("Nothing of that kind has been done yet.\n" if kind else "Nothing has been done yet.\n")
    if page.next_cursor is not None:
        sys.stderr.write(f"More: --cursor {page.next_cursor}\n")


def _line(row: AuditRow) -> str:
    who = f"{row.who}, who runs this Asterism" if row.operator else row.who
    said = f"{row.at:%Y-%m-%d %H:%M}  {who}  {row.what}{f': {row.on}' if row.on else ''}"
    return " ".join((said + (f" ({row.detail})" if row.detail else "")).split("\n"))
