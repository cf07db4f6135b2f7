"""`asterism verify` checks a result against the stored words."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from app.cli.asking.elsewhere import Key, Url

FAULTS = 4
"""Exit code when something does not hold."""


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("verify")(verify)


def verify(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an analysis, or of one opportunity.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Check every quote against the stored words and make every count and score again: exit 0 when all hold, else 4."""
    from app.cli.asking import doors  # noqa: PLC0415 - see app.cli

    found = doors.at(url, key, lambda place: place.verification(identifier))
    if as_json:
        sys.stdout.write(f"{found.model_dump_json(indent=2)}\n")
    else:
        for fault in found.faults:
            sys.stdout.write(f"{fault.message}\n")
        sys.stdout.write(
            f"{'All hold' if found.holds else f'{len(found.faults)} do not hold'}: {found.quotes} quotes, "
            f"{found.opportunities} opportunities, the words of {found.items} items.\n"
        )
        if found.scores < found.opportunities:
            sys.stdout.write("Scored by rules of another version: counts were made again, scores were not.\n")
    if not found.holds:
        raise typer.Exit(FAULTS)
