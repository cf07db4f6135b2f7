"""What a person writes on the New analysis page, kept while it is written, and checked field by field."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services import sources
from app.services.access import Actor
from app.services.contract import MAX_KEYWORDS, MAX_SOURCES, SourceRequest
from state import new_form
from state.base import Base
from state.gate import event
from state.new_again import RangeChoice, RerunDraft
from state.new_form import Draft
from state.new_places import SourceChip, chip_for, chip_of, named

TYPING_MS = 350
MOST_LINES = 2 * MAX_SOURCES
"""Pasted lines that are shown; more would only make the page slow."""
TOO_MANY_LINES = f"Only the first {MOST_LINES} lines were taken; an analysis listens to at most {MAX_SOURCES} places."
PASTE_BOX = "paste"
KEYWORD_BOX = "keyword"


class Drafting(Base, mixin=True):
    """Mixin: the fields of a draft, and an event for each change of one."""

    question: str = ""
    chips: list[SourceChip] = []
    when: str = "30d"
    keywords: list[str] = []
    engine: str = "auto"
    cap: str = new_form.DEFAULT_CAP
    max_items: str = ""
    threshold: str = "80"
    problems: dict[str, str] = {}
    start_problem: str = ""
    refused: bool = False
    """Whether a start was asked for that cannot be; the reason stands beside the button."""
    again: str = ""
    """The analysis that this draft asks again; empty when it is a new question."""
    again_notes: list[str] = []
    again_ranges: list[RangeChoice] = []
    _again: RerunDraft | None = None

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
        return self._changed()

    @event
    async def take_suggestion(self, text: str, suggestion: str) -> Any:
        """Put what a line most likely means in its place."""
        if suggestion not in sources.suggestions(text):
            return None
        chip = await named(chip_of(suggestion), await self._actor())
        others = [old for old in self.chips if old.text != text]
        if any(old.identity == chip.identity for old in others if not old.error):
            self.chips = others
        else:
            self.chips = [chip if old.text == text else old for old in self.chips]
        self._recheck("sources")
        return [self._changed(), rx.set_focus(PASTE_BOX)]

    @event
    async def set_when(self, value: str) -> Any:
        """Choose the time range."""
        known = value in new_form.RANGES or (self._again is not None and value in self._again.ranges)
        self.when = value if known else self.when
        return self._changed()

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
        return self._changed()

    @event
    async def set_engine(self, value: new_form.Engine) -> Any:
        """Choose who scores and writes."""
        self.engine = value
        return self._changed()

    @event(debounce=TYPING_MS)
    async def set_cap(self, value: str) -> Any:
        """Take the cap over and say at once when it is not one."""
        self.cap = value
        self._recheck("cap", show=True)
        return self._changed()

    @event(debounce=TYPING_MS)
    async def set_max_items(self, value: str) -> Any:
        """Take the limit over and say at once when it is not one."""
        self.max_items = value
        self._recheck("max_items", show=True)
        return self._changed()

    @event
    async def set_threshold(self, value: str) -> None:
        """Choose at which share of the cap to be told."""
        self.threshold = value if value in new_form.THRESHOLDS else self.threshold

    def _changed(self) -> Any:
        """Return the event that follows a change of what the estimate rests on."""
        raise NotImplementedError

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
        self.problems, self.start_problem, self.refused = kept, "", False

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
        return [rx.set_value(PASTE_BOX, ""), self._changed()]

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
        return [rx.set_value(KEYWORD_BOX, ""), self._changed()]
