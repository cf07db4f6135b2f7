"""`asterism compare` says what changed from one analysis to another."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url

if TYPE_CHECKING:
    from app.services.comparing.shapes import ComparisonView


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("compare")(compare)


def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="Id of the earlier analysis.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Id of the later analysis.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole comparison as JSON.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Say what changed: items, mood, topics, opportunities and why their scores moved, settings, versions, cost."""
    from app.cli.asking import doors  # noqa: PLC0415 - see app.cli

    found = doors.at(url, key, lambda place: place.comparison(before, after))
    sys.stdout.write(f"{found.model_dump_json(indent=2)}\n" if as_json else _in_words(found))


def _in_words(found: ComparisonView) -> str:
    lines = [f"Note: {warning}" for warning in found.warnings]
    lines += found.summary
    if not found.unchanged:
        lines += ["", *found.sentences]
    lines += [f"Asked otherwise: {each.name}: {each.before} → {each.after}" for each in found.settings]
    lines += [f"Version: {each.name}: {each.before} → {each.after}" for each in found.versions]
    for each in found.opportunities:
        if each.before is None or each.after is None or each.change == "same":
            continue
        lines += ["", f"{each.after.title}: {each.before.score} → {each.after.score}"]
        lines += [f"  {part.sentence}" for part in each.parts or []] or [f"  {each.why}"]
    lines += ["", found.cost.sentence]
    return "\n".join(lines) + "\n"
