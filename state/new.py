"""The New analysis page: a draft, its estimate while it is written, and the start."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import reflex as rx
import structlog

from app.core import clock, edge, ids
from app.core.errors import AppError, InvalidInput, NotSignedIn, SettingsError
from app.services import analyses, estimates, sources
from app.services.access import Action, Actor, can
from app.services.contract import MAX_KEYWORDS, MAX_SOURCES, AnalysisRequest, EstimateView, SourceRequest
from state import new_again, new_form
from state.base import Base
from state.gate import SIGN_IN, event
from state.new_again import RangeChoice, RerunDraft
from state.new_form import Draft, EstimateWords, FormError
from state.new_places import (
    SourceChip,
    chip_for,
    chip_of,
    mixed_problem,
    named,
    unreadable_problem,
    with_facts,
)

log = structlog.get_logger(__name__)

ESTIMATE_SECONDS = 2.0
TYPING_MS = 350
_FIELDS = frozenset({"question", "sources", "when", "keywords", "engine", "cap", "threshold", "max_items"})
_DRAFT = ("form_key", "question", "chips", "keywords", "when", "engine", "cap", "max_items", "threshold", "problems")
NO_ANSWER = "No place has answered, so there is no estimate. You can start all the same: the cap holds."
MOST_LINES = 2 * MAX_SOURCES
"""Pasted lines that are shown; more would only make the page slow."""
TOO_MANY_LINES = f"Only the first {MOST_LINES} lines were taken; an analysis listens to at most {MAX_SOURCES} places."
PASTE_BOX = "paste"
KEYWORD_BOX = "keyword"


class New(Base, rx.State):
    """A draft that survives errors, a lost connection and a walk to another page; a start ends it."""

    form_key: str = ""
    """Made once per draft; the same key never starts two analyses."""
    question: str = ""
    chips: list[SourceChip] = []
    when: str = "30d"
    keywords: list[str] = []
    engine: str = "auto"
    auto_meaning: str = ""
    model_meaning: str = ""
    """What the model is here, or why there is none to choose."""
    model_off: bool = True
    cap: str = new_form.DEFAULT_CAP
    max_items: str = ""
    threshold: str = "80"
    problems: dict[str, str] = {}
    start_problem: str = ""
    refusal: str = ""
    """Why this person may not start any, as a sentence."""
    starting: bool = False
    estimating: bool = False
    estimate: EstimateWords = EstimateWords()
    stale: bool = False
    """Whether the estimate is of an earlier draft, since this one cannot be estimated; `blocked` says why."""
    estimate_problem: str = ""
    again: str = ""
    """The analysis that this draft asks again; empty when it is a new question."""
    again_notes: list[str] = []
    again_ranges: list[RangeChoice] = []
    _again: RerunDraft | None = None
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
            return "Correct the field that is marked."
        return mixed_problem(self.chips)

    @event
    async def load(self) -> Any:
        """Begin a new draft, or go on with the one that was not started."""
        try:
            actor = await self._actor()
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        answer = can(actor, Action.ANALYSIS_CREATE)
        self.refusal = "" if answer is True else answer
        self.starting = False
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
            else:
                for name, value in self._aside.items():
                    setattr(self, name, value)
                self._aside = {}
        brought = self.router.url.query_parameters.get("source", "")[:64]
        if brought:
            if not self.chips:
                self.when = "all"  # comments in a file are seldom of the last days
            await self._add_sources(actor, brought)
        return New.measure

    @event(debounce=TYPING_MS)
    async def set_question(self, value: str) -> None:
        """Take the question over."""
        self.question = value
        self._recheck("question")

    @event
    async def paste(self, form: dict[str, Any]) -> Any:
        """Add what the box holds."""
        return await self._add_sources(await self._actor(), str(form.get(PASTE_BOX, "")))

    @event
    async def leave_paste(self, value: str) -> Any:
        """Add what was typed when the person goes on to another field."""
        return await self._add_sources(await self._actor(), value)

    @event(debounce=TYPING_MS)
    async def typed_paste(self, value: str) -> Any:
        """Add at once when several lines arrive: Enter submits, so only a paste brings line ends."""
        return await self._add_sources(await self._actor(), value) if "\n" in value.strip() else None

    @event
    async def remove_source(self, text: str) -> Any:
        """Take a place away."""
        self.chips = [chip for chip in self.chips if chip.text != text]
        self._recheck("sources")
        return New.measure

    @event
    async def set_when(self, value: str) -> Any:
        """Choose the time range."""
        known = value in new_form.RANGES or (self._again is not None and value in self._again.ranges)
        self.when = value if known else self.when
        return New.measure

    @event
    async def add_keywords(self, form: dict[str, Any]) -> Any:
        """Add what the box holds."""
        return self._add_keywords(str(form.get(KEYWORD_BOX, "")))

    @event
    async def leave_keywords(self, value: str) -> Any:
        """Add what was typed when the person goes on to another field."""
        return self._add_keywords(value)

    @event
    async def remove_keyword(self, keyword: str) -> Any:
        """Take a keyword away."""
        self.keywords = [kept for kept in self.keywords if kept != keyword]
        self._recheck("keywords")
        return New.measure

    @event
    async def set_engine(self, value: new_form.Engine) -> Any:
        """Choose who scores and writes."""
        self.engine = value
        return New.measure

    @event(debounce=TYPING_MS)
    async def set_cap(self, value: str) -> Any:
        """Take the cap over and say at once when it is not one."""
        self.cap = value
        self._recheck("cap", show=True)
        return New.measure

    @event(debounce=TYPING_MS)
    async def set_max_items(self, value: str) -> Any:
        """Take the limit over and say at once when it is not one."""
        self.max_items = value
        self._recheck("max_items", show=True)
        return New.measure

    @event
    async def set_threshold(self, value: str) -> None:
        """Choose at which share of the cap to be told."""
        self.threshold = value if value in new_form.THRESHOLDS else self.threshold

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
        self.problems, self.start_problem = {}, ""
        try:
            wanted = self._as_before(new_form.wanted(self._draft(), clock.now()))
        except FormError as error:
            self.problems = error.problems
            return
        unreadable = unreadable_problem(self.chips)
        if unreadable:  # else they would vanish without a word
            self.problems = {"sources": unreadable}
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

    def _begin(self) -> None:
        self.form_key = ids.new_id()
        self.question, self.chips, self.keywords = "", [], []
        self.when, self.engine, self.cap = "30d", "auto", new_form.DEFAULT_CAP
        self.max_items, self.threshold = "", "80"
        self.problems, self.start_problem = {}, ""
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

    def _draft(self) -> Draft:
        return Draft(
            sources=tuple(self._recognised()),
            question=self.question,
            when=self.when,
            keywords=tuple(self.keywords),
            engine=self.engine,
            cap=self.cap,
            max_items=self.max_items,
            threshold=self.threshold,
            again={} if self._again is None else self._again.ranges,
        )

    def _recognised(self) -> list[SourceRequest]:
        # Made again from the text each time: what the browser has seen is never taken as a query.
        known = {} if self._again is None else {chip_for(source).text: source for source in self._again.draft.sources}
        return [known.get(chip.text) or sources.recognise(chip.text) for chip in self.chips if not chip.error]

    def _recheck(self, name: str, *, show: bool = False) -> None:
        """Clear a field's sentence when it no longer holds; with `show`, also say a new one."""
        sentence = new_form.problems_of(self._draft()).get(name, "")
        kept = {key: value for key, value in self.problems.items() if key != name}
        if sentence and (show or name in self.problems):
            kept[name] = sentence
        self.problems, self.start_problem = kept, ""

    async def _add_sources(self, actor: Actor, text: str) -> Any:
        lines = new_form.split_lines(text)
        if not lines:
            return None
        chips = list(self.chips)
        left_out = len(lines) > MOST_LINES
        for line in lines[:MOST_LINES]:
            chip = await named(chip_of(line), actor)
            same = {old.identity for old in chips if not old.error}
            if (chip.error or chip.identity not in same) and chip.text not in {old.text for old in chips}:
                chips.append(chip)
        self.chips = chips[:MOST_LINES]
        self._recheck("sources", show=len(chips) > MAX_SOURCES)
        if left_out or len(chips) > MOST_LINES:
            self.problems = {**self.problems, "sources": TOO_MANY_LINES}
        return [rx.set_value(PASTE_BOX, ""), New.measure]

    def _add_keywords(self, text: str) -> Any:
        found = new_form.split_keywords(text)
        if not found:
            return None
        known = {keyword.casefold() for keyword in self.keywords}
        for keyword in found[: 2 * MAX_KEYWORDS]:
            if len(self.keywords) > MAX_KEYWORDS:
                break  # one too many is enough for the sentence that says so
            if keyword.casefold() not in known:
                known.add(keyword.casefold())
                self.keywords.append(keyword)
        self._recheck("keywords", show=True)
        return [rx.set_value(KEYWORD_BOX, ""), New.measure]

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
