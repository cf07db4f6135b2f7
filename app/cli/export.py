"""`asterism export` takes results away as files."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from app.cli.asking.elsewhere import Key, Url

if TYPE_CHECKING:
    from app.cli.asking.place import Place


class Format(StrEnum):
    """What to write."""

    CSV = "csv"
    """Its items, one a line."""
    JSON = "json"
    """The whole analysis, as `asterism analyse --json` prints it."""


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("export")(export)


def export(
    analysis: Annotated[str, typer.Argument(metavar="ID", help="Id of an analysis.")],
    form: Annotated[Format, typer.Option("--format", help="csv: its items; json: the whole analysis.")] = Format.CSV,
    output: Annotated[Path | None, typer.Option(help="A file to write; default: standard output.")] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Write the results of an analysis; a file appears only when it is complete."""
    from app.cli.asking import doors, drafts  # noqa: PLC0415 - see app.cli

    async def write(place: Place, target: BinaryIO) -> None:
        if form is Format.JSON:
            target.write(f"{(await place.view(analysis)).model_dump_json(indent=2)}\n".encode())
            return
        async for part in place.items_csv(analysis):
            target.write(part)
            target.flush()

    with drafts.written(output) as file:
        doors.at(url, key, lambda place: write(place, file))
