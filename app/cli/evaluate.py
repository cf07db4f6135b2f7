"""`asterism evaluate` says how good the engine is on your own labelled texts."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.core.errors import InvalidInput

if TYPE_CHECKING:
    from app.services.evaluation import Outcome

_Input = Annotated[Path, typer.Option("--input", help="JSON lines, each with text and label.")]
_Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Hang the group on the program."""
    group = typer.Typer(help="How good the engine is on labelled texts.", no_args_is_help=True)
    group.command("sentiment")(sentiment)
    group.command("spam")(spam)
    app.add_typer(group, name="evaluate")


def sentiment(path: _Input, *, as_json: _Json = False) -> None:
    """Judge English texts labelled negative, neutral or positive."""
    from app.services import evaluation  # noqa: PLC0415 - see app.cli

    outcome = _read(path, evaluation.sentiment)
    _show({"macro_recall": outcome.macro_recall()}, outcome, as_json=as_json)


def spam(path: _Input, *, as_json: _Json = False) -> None:
    """Judge comments under videos labelled spam or ham, each by its own words."""
    from app.services import evaluation  # noqa: PLC0415 - see app.cli

    outcome = _read(path, evaluation.spam)
    figures = {"precision": outcome.precision("spam"), "recall": outcome.recall("spam"), "f1": outcome.f1("spam")}
    _show(figures, outcome, as_json=as_json)


def _read(path: Path, judge: Callable[[Iterable[str]], Outcome]) -> Outcome:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return judge(lines)
    except OSError as error:
        raise InvalidInput(
            f"{path} cannot be read ({error.strerror}); name a file of JSON lines.", field="input"
        ) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is not UTF-8 text; name a file of JSON lines.", field="input") from error


def _show(figures: dict[str, float | None], outcome: Outcome, *, as_json: bool) -> None:
    rounded = {name: None if value is None else round(value, 4) for name, value in figures.items()}
    if as_json:
        whole = {
            **rounded,
            "confusion": outcome.confusion(),
            "items": outcome.items,
            "items_per_second": round(outcome.items_per_second, 1),
            "engine": outcome.engine,
        }
        sys.stdout.write(json.dumps(whole) + "\n")
        return
    for name, value in rounded.items():
        sys.stdout.write(f"{name}: {'none' if value is None else f'{value:.4f}'}\n")
    width = max(len(label) for label in outcome.labels) + 2
    sys.stdout.write("true \\ found".ljust(14) + "".join(label.rjust(width) for label in outcome.labels) + "\n")
    for true, found in outcome.confusion().items():
        sys.stdout.write(true.ljust(14) + "".join(str(count).rjust(width) for count in found.values()) + "\n")
    sys.stdout.write(f"{outcome.items} items, {outcome.items_per_second:,.0f} a second, engine {outcome.engine}\n")
