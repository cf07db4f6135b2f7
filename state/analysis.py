"""The analysis page's frame: what was asked, how far it is, what it costs, and steering it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import partial
from typing import Any

import reflex as rx
from sqlmodel import Session

from app.core import edge
from app.core.errors import AppError
from app.core.money import from_dollars
from app.services import analyses, choices, sources
from app.services.access import Action, Actor, can
from app.services.choices import Choice
from app.services.contract import AnalysisView
from state.analysis_brief import BriefLine
from state.analysis_choice import OptionRow
from state.analysis_live import Watching, view_of
from state.analysis_notices import Notice
from state.analysis_numbers import Door
from state.analysis_place import Tab
from state.analysis_progress import StageRow
from state.analysis_summary import Summary, TabLink, summary
from state.gate import event
from state.live import Live


class AnalysisState(Watching, Live, rx.State):
    """Everything outside the tabs. Its variables are the fields of `Summary`."""

    here: str = ""
    tab: Tab = "overview"

    steering_problem: str = ""
    """Why the last pause, resume or cancel did not happen. (A toast needs `eval`, which is forbidden.)"""
    steering_refused: str = ""
    """Why this person may not pause, resume or cancel; empty when they may."""

    question: str = ""
    sources: list[str] = []
    time_range: str = ""
    sample: bool = False
    status: str = ""
    status_words: str = ""
    asked_at: str = ""
    finished_at: str = ""
    closed: bool = False
    failed: str = ""
    advice: str = ""
    overall: int = 0
    stage: str = ""
    stages: list[StageRow] = []
    left_words: str = ""
    line_words: str = ""
    why_waiting: str = ""
    workers_words: str = ""
    job_doors: list[Door] = []
    cost_words: str = ""
    cost_href: str = ""
    cost_percent: int = 0
    reserved_words: str = ""
    item_count: int = 0
    counts: list[Door] = []
    early: list[Door] = []
    notices: list[Notice] = []
    notices_opened: bool = False
    """On a phone notices take one line until someone opens them."""
    choice_asked: str = ""
    choice_options: list[OptionRow] = []
    choice_needs_cap: bool = False
    choice_cap: str = ""
    choice_problem: str = ""
    """Why the cap that was written is not taken."""
    brief: list[BriefLine] = []
    brief_engine: str = ""
    question_unread: bool = False
    question_written: bool = False
    ask_href: str = ""
    can_pause: bool = False
    can_resume: bool = False
    can_cancel: bool = False
    again_href: str = ""
    compare_href: str = ""
    changed_href: str = ""
    tabs: list[TabLink] = []

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the analysis in the address until the page is left or the session ends."""
        place = self._place()
        async with self:
            self._assign({"here": place.href(), "tab": place.tab})
            if self._enter(place):
                self._assign({"steering_problem": "", **_values(Summary())})
        try:
            permitted = can(await self._actor(), Action.ANALYSIS_STEER)
            async for update in self._follow(view_of(place.analysis_id)):
                shown = _values(_shown(update.value))
                async with self:
                    self._note_freshness(update)
                    # A better estimate of the total is no step back in the work.
                    shown["overall"] = max(self.overall, shown["overall"])
                    refused = "" if permitted is True else permitted
                    self._assign({**shown, "steering_refused": refused, "loaded": True, "problem": ""})
        except AppError as error:
            yield await self._refused(error)

    @event
    async def toggle_notices(self) -> None:
        """Show the notices whole, or in one line; only a phone folds them."""
        self.notices_opened = not self.notices_opened

    @event
    async def pause(self) -> None:
        """Hold it: nothing more starts."""
        await self._steer(analyses.pause)

    @event
    async def resume(self) -> None:
        """Go on."""
        await self._steer(analyses.resume)

    @event
    async def cancel(self) -> None:
        """End it; what was done is kept."""
        await self._steer(analyses.cancel)

    @event
    async def choose(self, choice: Choice) -> None:
        """Answer the question about the cost."""
        await self._steer(partial(choices.choose, choice=choice))

    @event
    async def raise_cap(self, form: dict[str, Any]) -> None:
        """Raise the cap, and go on."""
        try:
            micros = from_dollars(str(form.get("cap", "")))
            await edge.write(
                choices.choose,
                await self._actor(),
                self._place().analysis_id,
                Choice.GO_ON,
                max_cost_micros=micros,
            )
        except (AppError, ValueError) as error:
            self.choice_problem = str(error)
        else:
            self.choice_problem = ""

    async def _steer(self, service: Callable[[Session, Actor, str], None]) -> None:
        """Do it; the watcher shows what became of it."""
        problem = ""
        try:
            await edge.write(service, await self._actor(), self._place().analysis_id)
        except AppError as error:
            problem = error.message
        self.steering_problem = problem


def _shown(view: AnalysisView) -> Summary:
    return summary(view, [sources.label(source) for source in view.request.sources])


def _values(shown: Summary) -> dict[str, Any]:
    return {each.name: getattr(shown, each.name) for each in fields(shown)}
