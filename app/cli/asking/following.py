"""What every command shares that begins or continues an analysis: following it to its end, and printing it."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import typer
from rich.console import Console

from app.cli.asking import doors, show
from app.cli.asking.place import Place
from app.services.contract import AnalysisView

INTERRUPTED = 130


def say(line: str) -> None:
    """Tell a person one line, beside what the command prints."""
    sys.stderr.write(f"* {line}\n")
    sys.stderr.flush()


async def to_its_end(place: Place, view: AnalysisView) -> AnalysisView:
    """Follow an analysis with a line that moves; return it as it ended, or as it waits for somebody."""
    with show.ProgressLine(Console(stderr=True)) as line:
        async for latest in place.follow(view.id):
            view = latest
            line.show(view)
    return view


def put(view: AnalysisView, *, as_json: bool, wait: bool) -> None:
    """Print it whole, as a person reads it, or, when nobody waited, its id."""
    if as_json:
        sys.stdout.write(f"{view.model_dump_json(indent=2)}\n")
    elif wait:
        show.result(Console(), view)
    else:
        sys.stdout.write(f"{view.id}\n")


def go_on(
    begin: Callable[[Place], Awaitable[AnalysisView]],
    *,
    url: str | None,
    key: str | None,
    wait: bool,
    as_json: bool,
    stopped: str,
) -> AnalysisView:
    """Let an analysis begin or go on at the place that the options name, and print what became of it.

    Args:
        begin: What lets it, and returns it.
        url: Another Asterism; None for this machine's.
        key: API key for that.
        wait: Whether to follow it to its end.
        as_json: Whether to print it whole.
        stopped: What to say when a person stops looking.

    Raises:
        AppError: It could not.
        typer.Exit: Ctrl-C.
    """

    async def errand(place: Place) -> AnalysisView:
        view = await begin(place)
        return await to_its_end(place, view) if wait else view

    try:
        view = doors.at_a_running(url, key, errand, say, start=wait)
    except KeyboardInterrupt:
        say(stopped)
        raise typer.Exit(INTERRUPTED) from None
    put(view, as_json=as_json, wait=wait)
    return view
