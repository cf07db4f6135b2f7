"""`asterism ask` asks a question of the items of one analysis."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.asking.elsewhere import Key, Url

if TYPE_CHECKING:
    from app.services.question_shapes import QuestionView

NOT_IN_DATA = 4
"""Exit code when the items do not say."""


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("ask")(ask)


def ask(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Id of an analysis.")],
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="One question, in your words.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(help="A limit not to read from the words: community, provider, sentiment, intent, period, …"),
    ] = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Answer a question from the items of an analysis, each sentence cited: exit 0, or 4 when it is not in the data."""
    from app.cli.asking import doors  # noqa: PLC0415 - see app.cli

    view = doors.at_best(url, key, lambda place: place.ask(identifier, question, without or []))
    sys.stdout.write(f"{view.model_dump_json(indent=2)}\n" if as_json else _in_words(view))
    if view.answer.outcome == "not_in_data":
        raise typer.Exit(NOT_IN_DATA)


def _in_words(view: QuestionView) -> str:
    answer = view.answer
    lines: list[str] = []
    if answer.scopes:
        lines.append(f"Only: {', '.join(f'{scope.words} (--without {scope.name})' for scope in answer.scopes)}")
    if answer.outcome == "not_in_data":
        return "\n".join(["Not in the data.", *lines, *answer.missing]) + "\n"
    lines.append(answer.headline)
    if answer.table is not None:
        width = max(len(row.label) for row in answer.table.rows)
        lines += ["", *(f"  {row.label:<{width}}  {row.items:>6,}" for row in answer.table.rows)]
        if answer.table.more:
            lines.append(f"  and {answer.table.more:,} more")
    for group in answer.groups:
        lines.append("")
        if group.title:
            lines.append(f"{group.title}:")
        for sentence in group.sentences:
            named = "; ".join(
                f"{citation.author or 'unnamed'}, {citation.community}, {citation.posted_at.date()}, {citation.item_id}"
                for citation in sentence.citations
            )
            lines += [f"  \u201c{' '.join(sentence.text.split())}\u201d", f"    {named}"]
    if view.note:
        lines += ["", view.note]
    return "\n".join(lines) + "\n"
