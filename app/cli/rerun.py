"""`asterism rerun` asks an analysis again and waits for the answer."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.analyse import EXIT_CODES, INTERRUPTED

if TYPE_CHECKING:
    from rich.console import Console

    from app.cli.asking.places import Place
    from app.services.contract import AnalysisView


class DatesChoice(StrEnum):
    """How the time range is chosen."""

    NOW = "now"
    """As long as before, and up to now."""
    SAME = "same"
    """The very same days."""


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("rerun")(rerun)


def rerun(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an analysis.")],
    dates: Annotated[
        DatesChoice, typer.Option(help="now: a range as long as before, up to now; same: the very same dates.")
    ] = DatesChoice.NOW,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole analysis as JSON.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the end, or only start it.")] = True,
    url: Annotated[
        str | None, typer.Option(envvar="ASTERISM_URL", help="Another Asterism; default: this machine's.")
    ] = None,
    key: Annotated[str | None, typer.Option(envvar="ASTERISM_KEY", help="API key for --url.")] = None,
) -> None:
    """Ask an analysis again; what is known already is not bought again. Exit codes are those of `asterism analyse`."""
    from rich.console import Console  # noqa: PLC0415 - see app.cli

    from app.cli.asking import doors, show  # noqa: PLC0415

    doors.stay_quiet()
    errors = Console(stderr=True)
    try:
        view = doors.at_a_running(
            url, key, lambda place: _again(place, identifier, dates, errors, wait=wait), _say, start=wait
        )
    except KeyboardInterrupt:
        _say("Stopped looking; the new analysis is kept.")
        raise typer.Exit(INTERRUPTED) from None
    if as_json:
        sys.stdout.write(f"{view.model_dump_json(indent=2)}\n")
    elif wait:
        show.result(Console(), view)
    else:
        sys.stdout.write(f"{view.id}\n")
    _say(f"What changed: asterism compare {identifier} {view.id}")
    raise typer.Exit(EXIT_CODES.get(view.status, 0))


async def _again(place: Place, identifier: str, dates: DatesChoice, errors: Console, *, wait: bool) -> AnalysisView:
    from app.cli.asking import show  # noqa: PLC0415 - see app.cli

    view = await place.rerun(identifier, dates.value)
    if wait:
        with show.ProgressLine(errors) as line:
            async for latest in place.follow(view.id):
                view = latest
                line.show(view)
    return view


def _say(line: str) -> None:
    sys.stderr.write(f"* {line}\n")
    sys.stderr.flush()
