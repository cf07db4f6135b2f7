"""`asterism audit` tells who did what in the local owner's workspace, and whether that is as it was written."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from app.core.paging import Page
    from app.services.audit_trail import AuditRow

Kind = Literal["analysis", "job", "question", "file", "key", "session", "operations"]


BROKEN = 4
"""Exit code when the trail is not as it was written."""

OfKind = Annotated[Kind | None, typer.Option(help="Only acts of this kind.")]


def register(app: typer.Typer) -> None:
    """Hang the commands on the program."""
    group = typer.Typer(help="Tell who did what, export it, verify that it is as it was written.")
    group.callback(invoke_without_command=True)(audit)
    group.command("export")(export)
    group.command("verify")(verify)
    app.add_typer(group, name="audit")


def audit(
    context: typer.Context,
    kind: OfKind = None,
    limit: Annotated[int, typer.Option(help="Most rows, 1 to 100.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Where to go on; the end of a full list names it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Tell who did what, on what and when, newest first."""
    if context.invoked_subcommand is not None:
        return
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
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


def export(
    kind: OfKind = None,
    output: Annotated[Path | None, typer.Option(help="A file to write; default: standard output.")] = None,
) -> None:
    """Write the trail as CSV, newest first; a file appears only when it is complete."""
    from app.cli.asking.drafts import written  # noqa: PLC0415
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import logging  # noqa: PLC0415
    from app.core.db import database  # noqa: PLC0415
    from app.services import audit_export  # noqa: PLC0415

    logging.configure_beside_words()
    lines = audit_export.csv_lines(database(), asyncio.run(local_owner()), kind=kind)
    with written(output) as file:
        for line in lines:
            file.write(line.encode())


def verify(
    expect: Annotated[
        str | None, typer.Option(metavar="NUMBER:SHA256", help="A seal noted before; it must be in the trail still.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Tell whether every act is there as it was written: exit 0 when so, else 4."""
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import edge, logging  # noqa: PLC0415
    from app.services import audit_chain  # noqa: PLC0415
    from app.services.audit_chain import AuditVerdict  # noqa: PLC0415

    logging.configure_beside_words()

    async def read() -> AuditVerdict:
        return await edge.read(audit_chain.verify, await local_owner(), expected=expect)

    found = asyncio.run(read())
    sys.stdout.write(f"{found.model_dump_json(indent=2) if as_json else audit_chain.told(found)}\n")
    if not found.unbroken:
        raise typer.Exit(BROKEN)


def _line(row: AuditRow) -> str:
    who = f"{row.who}, who runs this Asterism" if row.operator else row.who
    said = f"{row.at:%Y-%m-%d %H:%M}  {who}  {row.what}{f': {row.on}' if row.on else ''}"
    return " ".join((said + (f" ({row.detail})" if row.detail else "")).split("\n"))
