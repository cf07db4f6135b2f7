"""The New analysis page: a draft, its estimate while it is written, and the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import reflex as rx
import structlog

from app.core import clock, edge, ids
from app.core.errors import AppError, InvalidInput, NotSignedIn, SettingsError
from app.services import analyses, estimates
from app.services.access import Action, Actor, can
from app.services.contract import AnalysisRequest, EstimateView
from state import new_again, new_form
from state.gate import SIGN_IN, event
from state.new_draft import Drafting
from state.new_form import EstimateWords, FormError
from state.new_places import (
    chip_for,
    mixed_problem,
    unreadable_problem,
    with_facts,
)

log = structlog.get_logger(__name__)

ESTIMATE_SECONDS = 2.0
REASON = "start-reason"
"""Where the page says why nothing can be started."""
_FIELDS = frozenset({"question", "sources", "when", "keywords", "engine", "cap", "threshold", "max_items"})
_DRAFT = ("form_key", "question", "chips", "keywords", "when", "engine", "cap", "max_items", "threshold", "problems")
NO_ANSWER = "No place has answered, so there is no estimate. You can start all the same: the cap holds."


class New(Drafting, rx.State):
    """A draft that survives errors, a lost connection and a walk to another page; a start ends it."""

    form_key: str = ""
    """Made once per draft; the same key never starts two analyses."""
    auto_meaning: str = ""
    model_meaning: str = ""
    """What the model is here, or why there is none to choose."""
    model_off: bool = True
    refusal: str = ""
    """Why this person may not start any, as a sentence."""
    starting: bool = False
    estimating: bool = False
    estimate: EstimateWords = EstimateWords()
    stale: bool = False
    """Whether the estimate is of an earlier draft, since this one cannot be estimated; `blocked` says why."""
    estimate_problem: str = ""
    _aside: dict[str, Any] = {}
    """The new question that was being written when an earlier one was asked again."""
    _started_as: str = ""
    """The analysis that this draft became."""
    _version: int = 0
    _estimated: EstimateView | None = None

    @rx.var
    def blocked(self) -> str:
        """Why the analysis cannot be started now; empty when it can."""
        if self.refusal:
            return self.refusal
        if not self.form_key:
            return "The form is opening."
        if not self.chips:
            return "Name at least one place to listen to."
        unreadable = unreadable_problem(self.chips)
        if unreadable:
            return unreadable
        if any(self.problems.values()):
            wrong = [sentence for sentence in self.problems.values() if sentence]
            return wrong[0] if len(wrong) == 1 else "Correct the fields that are marked."
        return mixed_problem(self.chips)

    @rx.var
    def question_unread(self) -> bool:
        """Whether the engine in force reads no question."""
        sample = any(chip.sample for chip in self.chips)
        return new_form.question_unread(self.engine, new_form.cap_micros(self.cap), sample=sample)

    @event
    async def load(self) -> Any:
        """Begin a new draft, or go on with the one that was not started."""
        try:
            actor = await self._actor()
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        answer = can(actor, Action.ANALYSIS_CREATE)
        self.refusal = "" if answer is True else answer
        self.starting = self.refused = False
        self.auto_meaning, self.model_meaning, self.model_off = new_form.engine_words()
        if self.model_off and self.engine == "model":
            self.engine = "auto"
        asked = self.router.url.query_parameters.get("again", "")[:64]
        if self._started_as or not self.form_key or asked != self.again:
            if self.form_key and not self.again and not self._started_as:
                self._aside = {name: getattr(self, name) for name in _DRAFT}
            self._begin()
            if asked:
                await self._take_over(actor, asked)
            if not self.again:  # A new question, or the earlier one could not be read.
                for name, value in self._aside.items():
                    setattr(self, name, value)
                self._aside = {}
        brought = self.router.url.query_parameters.get("source", "")[:64]
        if brought:
            if not self.chips:
                self.when = "all"  # comments in a file are seldom of the last days
            await self._add_sources(actor, brought)
        return New.measure

    @event(background=True, supersedes=True)
    async def measure(self) -> None:
        """Estimate what the draft will take; a newer draft supersedes this."""
        actor = await self._actor()
        if can(actor, Action.ANALYSIS_CREATE) is not True:
            return  # an estimate asks providers; the page says already why this person cannot start anything
        async with self:
            self._version += 1
            version = self._version
            wanted = self._measurable()
            if wanted is None:
                return
        estimated, problem = None, ""
        try:
            estimated = await estimates.estimate(actor, wanted, seconds=ESTIMATE_SECONDS)
        except (AppError, SettingsError) as error:
            problem = str(error)
        except Exception as error:  # noqa: BLE001 - an estimate that fails in any way leaves the form usable
            log.warning("new.estimate_failed", error=str(error) or type(error).__name__)
            problem = "The estimate failed. You can start without it: the cap holds all the same."
        async with self:
            if version == self._version:
                self._show_estimate(estimated, problem)

    @event
    async def start(self, form: dict[str, Any]) -> Any:
        """Make the analysis of what the form holds at this moment, once: a second click finds the first one's."""
        if self._started_as:
            yield rx.redirect(f"/analyses/{self._started_as}")
            return
        for name in ("question", "cap", "max_items"):
            value = form.get(name)
            if isinstance(value, str):
                setattr(self, name, value)
        self.problems, self.start_problem, self.refused = {}, "", False
        try:
            wanted = self._as_before(new_form.wanted(self._draft(), clock.now()))
        except FormError as error:
            unreadable = bool(unreadable_problem(self.chips))  # said beside each of them, better than "name a place"
            self.problems = {
                name: each for name, each in error.problems.items() if not (unreadable and name == "sources")
            }
        if self.blocked:  # also by lines that name no place: else they would vanish without a word
            self.refused = True
            yield rx.set_focus(REASON)
            return
        self.starting = True
        yield
        try:
            actor = await self._actor()
            analysis_id = await edge.write(
                analyses.request,
                actor,
                wanted,
                dedupe_key=self.form_key,
                estimate=self._estimated,
                rerun_of=self.again or None,
            )
            self._started_as = analysis_id
            yield rx.redirect(f"/analyses/{analysis_id}")
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
        except AppError as error:
            self._refuse(error)
        except Exception as error:  # the draft stays whatever fails below
            log.exception("new.start_failed", error=str(error))
            self.start_problem = "It was not started: the database did not take it. Your draft is kept; try again."
        finally:
            self.starting = False

    def _changed(self) -> Any:
        return New.measure

    def _begin(self) -> None:
        self.form_key = ids.new_id()
        self.question, self.chips, self.keywords = "", [], []
        self.when, self.engine, self.cap = "30d", "auto", new_form.DEFAULT_CAP
        self.max_items, self.threshold = "", "80"
        self.problems, self.start_problem, self.refused = {}, "", False
        self._started_as = ""
        self.again, self.again_notes, self.again_ranges, self._again = "", [], [], None

    async def _take_over(self, actor: Actor, analysis_id: str) -> None:
        """Fill the draft with what an earlier analysis asked."""
        try:
            found = await new_again.prepare(actor, analysis_id)
        except AppError as error:
            self.start_problem = error.message
            return
        self._again, self.again, self.again_notes = found, analysis_id, found.notes
        self.again_ranges = found.choices
        draft = found.draft
        self.question, self.when, self.engine, self.cap = draft.question, draft.when, draft.engine, draft.cap
        if self.model_off and self.engine == "model":
            self.engine = "auto"
        self.keywords, self.max_items, self.threshold = list(draft.keywords), draft.max_items, draft.threshold
        self.chips = [chip_for(source) for source in draft.sources]

    def _measurable(self) -> AnalysisRequest | None:
        """Return what to estimate; None when the draft cannot be, and the last estimate stays as an old one."""
        self._estimated = None
        if mixed := mixed_problem(self.chips):
            self.estimating, self.estimate_problem, self.stale, self.estimate = False, mixed, False, EstimateWords()
            return None
        draft = replace(self._draft(), question="", cap=new_form.DEFAULT_CAP)
        try:
            wanted = new_form.wanted(draft, clock.now())
        except FormError:
            self.estimating, self.estimate_problem, self.stale = False, "", bool(self.chips)
            if not self.chips:
                self.estimate = EstimateWords()
            return None
        self.estimating, self.stale = True, False
        return wanted

    def _as_before(self, wanted: AnalysisRequest) -> AnalysisRequest:
        """Return the request with what the form does not show, as the analysis asked for that is asked again."""
        return wanted if self._again is None else self._again.kept(wanted)

    def _show_estimate(self, estimated: EstimateView | None, problem: str) -> None:
        self.estimating, self.estimate_problem, self._estimated = False, problem, estimated
        if estimated is None:
            self.estimate = EstimateWords()
            return
        facts = new_form.source_facts(estimated)
        self.chips = [with_facts(chip, facts.get((chip.source, chip.name))) for chip in self.chips]
        if len(new_form.unanswered(estimated)) == len(estimated.sources):
            # Bands of nothing would read as "free and empty".
            self.stale = bool(unreadable_problem(self.chips))
            self.estimate, self._estimated = EstimateWords(), None
            self.estimate_problem = "" if self.stale else NO_ANSWER
            return
        self.estimate = new_form.estimate_words(estimated, new_form.cap_micros(self.cap))

    def _refuse(self, error: AppError) -> None:
        name = new_form.field_of(error.field or "")
        if isinstance(error, InvalidInput) and name in _FIELDS:
            self.problems = {name: error.message}
        else:
            self.start_problem = error.message
