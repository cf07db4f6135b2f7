"""`asterism analyse` asks a question and waits for the answer."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url
from app.core.errors import AppError, Unavailable

if TYPE_CHECKING:
    from app.cli.asking.place import Place
    from app.cli.asking.wanted import Options
    from app.services.contract import AnalysisView

EXIT_CODES = {"completed": 0, "partial": 3, "failed": 4, "cancelled": 4, "needs_choice": 5, "needs_auth": 5}
NOT_FOLLOWED = 4
NEEDS_CONNECTION = 5


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("analyse")(analyse)


def analyse(
    sources: Annotated[list[str], typer.Argument(help="Links or names, for example r/selfhosted.")],
    question: Annotated[str | None, typer.Option(help="What you want to know.")] = None,
    since: Annotated[str | None, typer.Option(help="An age (12h, 30d, 4w) or a date; default: all time.")] = None,
    until: Annotated[str | None, typer.Option(help="The same, for the end; default: now.")] = None,
    keyword: Annotated[list[str] | None, typer.Option(help="Only items with one of these words; repeatable.")] = None,
    cap: Annotated[str | None, typer.Option(help="Most that it may cost, in dollars; default 0.50.")] = None,
    max_items: Annotated[int | None, typer.Option(min=1, help="Most items to collect.")] = None,
    engine: Annotated[str, typer.Option(help="auto, local or model.")] = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole analysis as JSON.")] = False,
    wait: Annotated[bool, typer.Option(help="Wait for the end, or only start it.")] = True,
    url: Url = None,
    key: Key = None,
) -> None:
    """Ask a question of some communities; with nothing running, start what it takes and stop it afterwards.

    Exit codes: 0 completed, 2 wrong use, 3 partial, 4 failed or cancelled, 5 needs a choice or a connection.
    """
    from app.cli.asking import doors, following  # noqa: PLC0415 - see app.cli
    from app.cli.asking.wanted import Options  # noqa: PLC0415

    options = Options(sources, question, since, until, keyword or (), cap, max_items, engine)
    errand = _Errand(options, wait=wait)
    try:
        view = doors.at_a_running(url, key, errand.run, following.say, start=wait)
    except KeyboardInterrupt:
        following.say(f"Stopped looking; analysis {errand.started} is kept." if errand.started else "Stopped.")
        raise typer.Exit(following.INTERRUPTED) from None
    except AppError as error:
        if errand.started is None and not isinstance(error, Unavailable):
            raise
        sys.stderr.write(f"{error}\n")
        raise typer.Exit(NEEDS_CONNECTION if errand.started is None else NOT_FOLLOWED) from None
    following.put(view, as_json=as_json, wait=wait)
    if wait and view.error and view.status != "completed" and as_json:
        sys.stderr.write(f"{view.error}\n")
    raise typer.Exit(EXIT_CODES.get(view.status, 0))


class _Errand:
    """One question, from the typed words to the last look."""

    def __init__(self, options: Options, *, wait: bool) -> None:
        self._options = options
        self._wait = wait
        self.started: str | None = None

    async def run(self, place: Place) -> AnalysisView:
        from app.cli.asking import following, wanted  # noqa: PLC0415 - see app.cli
        from app.core import clock  # noqa: PLC0415

        found = [await place.recognise(text) for text in self._options.sources]
        view = await place.create(wanted.build(self._options, found, clock.now()))
        self.started = view.id
        return await following.to_its_end(place, view) if self._wait else view
