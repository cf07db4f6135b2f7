"""`asterism import` brings a file of comments, to be analysed as `file:ID`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url
from app.core.errors import InvalidInput

if TYPE_CHECKING:
    from app.cli.asking.place import Place
    from app.services.imports.views import ImportView

NEEDS_CHOICE = 5
"""Exit code when the file is here and cannot be analysed before something about it is said."""


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("import")(bring)


def bring(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV, NDJSON or JSON.")],
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--map", metavar="FIELD=COLUMN", help="Which column is what, where the guess is wrong; repeatable."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it; default: the file's name.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Bring a file of comments; prints its id, and what becomes of its rows.

    Fields: text, title, author, posted_at, permalink, community, external_id, parent_id, thread_id, upvotes, and
    date_order=day_first or month_first. Exit codes: 0 ready, 2 wrong use, 5 needs a choice.
    """
    from app.cli.asking import doors  # noqa: PLC0415 - see app.cli

    columns = dict(_pair(words) for words in column or ())

    async def send(place: Place) -> ImportView:
        with file.open("rb") as opened:
            return await place.bring(opened, name or file.name, columns)

    try:
        view = doors.at(url, key, send)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read ({error.strerror}); check its path.", field="file") from error
    if as_json:
        sys.stdout.write(f"{view.model_dump_json(indent=2)}\n")
    else:
        sys.stdout.write(f"{view.id}\n")
        _tell(view)
    if view.problem is not None:
        raise typer.Exit(NEEDS_CHOICE)


def _pair(words: str) -> tuple[str, str]:
    field, mark, column = words.partition("=")
    if not mark:
        raise InvalidInput(f"--map {words!r}: write it as FIELD=COLUMN, like text=body.", field="map")
    return field.strip(), column.strip()


def _tell(view: ImportView) -> None:
    """Say what was found, to the person: the id alone goes to standard output."""
    lines = [f"{view.name}: {view.format.upper()}, {view.encoding}, {view.rows:,} rows, {view.bytes:,} bytes."]
    lines += [f"  {field} = {column}" for field, column in view.mapping.columns().items()]
    if view.report is not None:
        lines.append(f"{view.report.comments:,} comments, {view.report.rejected_rows:,} rows rejected.")
        lines += [f"  {count:,}: {reason}" for reason, count in view.report.rejected.items()]
        lines += [f"  row {row.row}: {row.reason}: {row.sample}" for row in view.report.samples[:5]]
        lines += view.report.notes
    lines += view.notes
    lines.append(view.problem or f"Analyse it: asterism analyse {view.source}")
    for line in lines:
        plain = "".join(letter if letter.isprintable() else " " for letter in line)
        sys.stderr.write(f"{plain}\n")
