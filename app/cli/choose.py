"""`asterism choose` decides how an analysis goes on when its cost comes near the cap."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url
from app.core.errors import InvalidInput

if TYPE_CHECKING:
    from app.cli.asking.place import Place
    from app.services.contract import AnalysisView


class Answer(StrEnum):
    """What can be chosen."""

    GO_ON = "go-on"
    CHEAPER = "cheaper"
    STOP = "stop"


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("choose")(choose)


def choose(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of the analysis.")],
    answer: Annotated[
        Answer,
        typer.Argument(help="Up to the cap; with a smaller sample of what is left; or the local engine does the rest."),
    ],
    cap: Annotated[str | None, typer.Option(help="A new, higher cap in dollars, such as 1.50.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole analysis as JSON.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the end, or only answer.")] = True,
    url: Url = None,
    key: Key = None,
) -> None:
    """Answer an analysis that needs your choice about its cost; `analyse` ends with exit code 5 when one does.

    Exit codes: 0 completed, 2 wrong use or nothing was asked, 3 partial, 4 failed or cancelled, 5 needs another choice
    or a connection.
    """
    from app.cli.analyse import EXIT_CODES  # noqa: PLC0415 - see app.cli
    from app.cli.asking import following  # noqa: PLC0415

    micros = _micros(cap)

    async def begin(place: Place) -> AnalysisView:
        return await place.choose(identifier, answer.value.replace("-", "_"), micros)

    stopped = f"Stopped looking; analysis {identifier} goes on where a worker runs."
    view = following.go_on(begin, url=url, key=key, wait=wait, as_json=as_json, stopped=stopped)
    raise typer.Exit(EXIT_CODES.get(view.status, 0))


def _micros(cap: str | None) -> int | None:
    from app.core.money import from_dollars  # noqa: PLC0415 - see app.cli

    try:
        return None if cap is None else from_dollars(cap)
    except ValueError as error:
        raise InvalidInput(f"--cap: {error}", field="cap") from None
