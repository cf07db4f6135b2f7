"""What a person sees while an analysis runs, and its result as text."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from app.core.money import dollars
from app.services import time_range
from app.services.contract import DEFAULT_QUESTION, AnalysisView, ChoiceView, EvidenceView, OpportunityView
from app.services.degraded import CHOSEN, chosen, stood_in
from app.services.pipeline.item_words import COLLECTED, item_words
from app.services.pipeline.writers import by_whom

QUOTES = 3
"""Shown of one opportunity."""
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
"""What steers a terminal or turns the direction of writing; collected text must do neither."""


class ProgressLine:
    """The line that moves while it runs; where no terminal is, a line for each step. Use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(text_format="{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("queued", total=1.0, facts="")
        self._step = ""

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def show(self, view: AnalysisView) -> None:
        """Show how far it is."""
        step, facts = _step(view), _facts(view)
        self._progress.update(self._task, description=step, completed=view.progress.overall, facts=facts)
        if not self._console.is_terminal and step != self._step:
            self._console.print(Text(f"{step}  {view.progress.overall * 100:.0f} %  {facts}"), soft_wrap=True)
        self._step = step


def result(console: Console, view: AnalysisView) -> None:
    """Print what was found: counts, then each opportunity with its quotes."""
    sample = "  SAMPLE data" if view.sample else ""
    console.print(_plain(f"{view.request.question}{sample}", "bold"))
    over = time_range.in_words(view.request.since, view.request.until)
    console.print(_plain(" · ".join([view.status, over, *_counts(view), dollars(view.cost.spent_micros)])))
    if view.error:
        console.print(_plain(view.error))
    if view.choice is not None:
        _choice(console, view, view.choice)
    for part in view.degraded:
        said = stood_in(part)
        console.print(_plain(f"{said[0].upper()}{said[1:]}{CHOSEN if chosen(part) else ''}."))
    if not view.results.opportunities and view.status in {"completed", "partial"}:
        console.print(_plain("Not enough evidence for an opportunity."))
    if view.results.question_read is False:
        written = view.request.question != DEFAULT_QUESTION
        unread = "The local engine does not read the question" if written else "The local engine reads no question"
        console.print(
            _plain(
                f"{unread}: this is what all the items say. Narrow with --keyword, "
                f'ask them with: asterism ask {view.id} "QUESTION", or set ASTERISM_OPENAI_API_KEY.',
                "dim",
            ),
            soft_wrap=True,
        )
    for number, opportunity in enumerate(view.results.opportunities, start=1):
        _opportunity(console, number, opportunity, sample=view.sample)
    console.print()
    console.print(_plain(f"id {view.id}", "dim"))


def _counts(view: AnalysisView) -> list[str]:
    """Return what was counted; of steps that never ran nothing, for "0 negative" would say that somebody looked."""
    found = view.results
    counts = [item_words(found.items, COLLECTED)]
    judged = sum(found.sentiment.values()) + found.unscored_language
    if judged or found.duplicates or found.spam:
        counts.append(f"{found.items - found.duplicates - found.spam - found.removed:,} that count")
    if judged:
        counts.append(f"{sum(found.sentiment.values()):,} scored")
        mood = ", ".join(f"{found.sentiment.get(name, 0):,} {name}" for name in ("negative", "neutral", "positive"))
        counts.append(mood)
    if judged or found.duplicates or found.spam:
        counts.append(f"{found.duplicates:,} repeats, {found.spam:,} spam")
    return counts


def _choice(console: Console, view: AnalysisView, asked: ChoiceView) -> None:
    """Say what can be chosen, with what each costs, and how."""
    console.print(_plain(f"It needs your choice: the next call to the model could cost {dollars(asked.next_micros)}."))
    for option in asked.options:
        cap = " --cap DOLLARS" if option.needs_higher_cap else ""
        costs = f"about {dollars(option.likely_micros)} more" if option.likely_micros else "nothing more"
        line = f"  asterism choose {view.id} {option.choice.replace('_', '-')}{cap}"
        console.print(_plain(f"{line}   {costs}"), soft_wrap=True)


def _opportunity(console: Console, number: int, opportunity: OpportunityView, *, sample: bool) -> None:
    low, high = opportunity.score_interval
    console.print()
    console.print(
        _plain(f"{number}. {opportunity.title}", "bold")
        + Text(f"  {opportunity.score} ({low}-{high})  {opportunity.kind}")
    )
    console.print(_plain(opportunity.summary))
    console.print(
        _plain(
            f"{opportunity.items:,} items by {by_whom(opportunity.authors, opportunity.unnamed)} in "
            f"{opportunity.threads:,} threads",
            style="dim",
        )
    )
    for evidence in opportunity.evidence[:QUOTES]:
        _quote(console, evidence, "“", sample=sample)
    for evidence in opportunity.against[:1]:
        _quote(console, evidence, "against: “", sample=sample)


def _plain(text: str, style: str = "") -> Text:
    """Return foreign words as they are: no markup, no terminal codes."""
    return Text(_CONTROL.sub(" ", text), style=style)


def _quote(console: Console, evidence: EvidenceView, opening: str, *, sample: bool) -> None:
    console.print(_plain(f"  {opening}{evidence.quote}”"), soft_wrap=True)
    # The address of a made-up item leads to nothing, or to somebody else's words.
    address = "SAMPLE: not on the web" if sample else evidence.permalink
    where = f"    {evidence.community}, {evidence.posted_at:%Y-%m-%d}  {address}"
    console.print(_plain(where, "dim"), soft_wrap=True)


def _step(view: AnalysisView) -> str:
    return view.progress.stage if view.status == "running" else view.status


def _facts(view: AnalysisView) -> str:
    facts = [
        item_words(view.results.items, COLLECTED),
        f"{dollars(view.cost.spent_micros)} of {dollars(view.cost.cap_micros)}",
    ]
    queue = view.progress.queue
    if view.status == "queued" and queue.place is not None:
        facts.append(f"place {queue.place}")
    if queue.why:
        facts.append(queue.why)
    return " · ".join(facts)
