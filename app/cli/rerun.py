"""`asterism rerun` asks an analysis again and waits for the answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url

if TYPE_CHECKING:
    from app.cli.asking.place import Place
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
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask an analysis again; what is known already is not bought again. Exit codes are those of `asterism analyse`."""
    from app.cli.analyse import EXIT_CODES  # noqa: PLC0415 - see app.cli
    from app.cli.asking import following  # noqa: PLC0415

    async def begin(place: Place) -> AnalysisView:
        return await place.rerun(identifier, dates.value)

    stopped = "Stopped looking; the new analysis is kept."
    view = following.go_on(begin, url=url, key=key, wait=wait, as_json=as_json, stopped=stopped)
    following.say(f"What changed: asterism compare {identifier} {view.id}")
    raise typer.Exit(EXIT_CODES.get(view.status, 0))
