"""The page on which a person asks the items of one analysis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import reflex as rx
from pydantic import Field, ValidationError
from sqlmodel import Session

from app.core import bus, edge, hub
from app.core.errors import AppError, NotFound, NotSignedIn
from app.core.topic import Update
from app.services import asking, items, questions
from app.services.access import Action, Actor, can
from app.services.ownership import owned_analysis
from app.services.pipeline.understanding import LONGEST, ScopeName
from app.services.question_shapes import LONGEST_NAME, QuestionEdit, QuestionRequest, QuestionView
from app.services.transitions import ANALYSIS_CLOSED
from state.analysis_live import Watching
from state.analysis_quotes import EvidenceRow, evidence_row
from state.ask_shown import AskedRow, Shown, as_evidence, ask_href, asked_row, citation_at, shown
from state.gate import SIGN_IN, event

HISTORY = 20
"""Earlier questions on the page."""
NO_QUESTION = "Write a question first: at least one word."


class AskState(Watching, rx.State):
    """The question field, the answer that is open, and what was asked before."""

    text: str = ""
    busy: bool = False
    asking_problem: str = ""
    """Why the last question was not answered, as a sentence; the question stays in the field."""
    refused: str = ""
    """Why nothing can be asked here; empty when it can."""
    shown: Shown = Shown()
    suggestions: list[str] = []
    history: list[AskedRow] = []
    saved: list[AskedRow] = []
    source: str = ""
    """Place of the citation whose item is open; empty while none is."""
    rows: list[EvidenceRow] = []
    source_problem: str = ""
    _sample: bool = False
    _view: QuestionView | None = None

    @event(background=True)
    async def watch(self) -> Any:
        """Show the answer that the address names, and follow it for as long as a better one is under way."""
        place = self._place()
        question_id = self.router.url.query_parameters.get("q", "")[:64]
        async with self:
            if self._enter(place):
                self._clear()
        try:
            found = await self._steady(edge.read(_beside, await self._actor(), place.analysis_id))
            if found is not None:
                async with self:
                    self._assign({**found, "problem": ""})
                    if not question_id:
                        self._show(None)
                        self.loaded = True
            if question_id:
                waited = False
                async for update in self._follow(_question_of(place.analysis_id, question_id)):
                    async with self:
                        self._show(update.value)
                        self._assign({"loaded": True, "problem": ""})
                    if update.value.status == "answered":
                        break
                    waited = True
                if waited:  # the list beside it still says that it is being asked
                    found = await self._steady(edge.read(_beside, await self._actor(), place.analysis_id))
                    async with self:
                        self._assign(found or {})
        except AppError as error:
            yield await self._refused(error)

    @event
    async def write(self, text: Annotated[str, Field(max_length=LONGEST * 2)]) -> None:
        """Keep what is in the field."""
        self.text = text[:LONGEST]

    @event
    async def ask(self, form: dict[str, Any]) -> Any:
        """Ask what is in the field, as it was when it was sent."""
        self.text = str(form.get("text", self.text))[:LONGEST]
        async for step in self._ask(self.text, []):
            yield step

    @event
    async def ask_this(self, text: Annotated[str, Field(max_length=LONGEST)]) -> Any:
        """Ask a suggested question."""
        self.text = text
        async for step in self._ask(text, []):
            yield step

    @event
    async def widen(self, name: ScopeName) -> Any:
        """Ask the open question without one of its limits."""
        if self._view is not None:
            async for step in self._ask(self._view.text, sorted({*self._view.without, name})):
                yield step

    @event
    async def narrow(self, name: ScopeName) -> Any:
        """Ask the open question with a limit that was taken away."""
        if self._view is not None:
            async for step in self._ask(self._view.text, [kept for kept in self._view.without if kept != name]):
                yield step

    @event
    async def again(self, question_id: Annotated[str, Field(max_length=64)]) -> Any:
        """Ask an earlier question again, of the analysis on the page."""
        analysis_id = self._place().analysis_id

        async def put(actor: Actor) -> str:
            return await edge.with_database(asking.again, actor, question_id, analysis_id)

        async for step in self._open(put):
            yield step

    @event
    async def keep(self, form: dict[str, Any]) -> Any:
        """Save the open question under the name that was written."""
        name = str(form.get("name", "")).strip()[:LONGEST_NAME] or self.shown.text[:LONGEST_NAME]
        await self._save(name)

    @event
    async def drop(self) -> None:
        """Save the open question no longer."""
        await self._save(None)

    @event
    async def delete(self) -> Any:
        """Delete the open question."""
        if not self.shown.id:
            return None
        try:
            await edge.write(questions.remove, await self._actor(), self.shown.id)
        except AppError as error:
            self.asking_problem = error.message
            return None
        return rx.redirect(ask_href(self._place().analysis_id))

    @event
    async def open_source(self, is_open: bool, place: Annotated[str, Field(max_length=20)]) -> None:
        """Show the whole item of a citation, the quote marked in it; or close it."""
        citation = citation_at(self._view.answer, place) if is_open and self._view is not None else None
        if citation is None or self._view is None:
            self._assign({"source": "", "rows": [], "source_problem": ""})
            return
        self._assign({"source": place, "rows": [], "source_problem": ""})
        try:
            item = await edge.read(items.get, await self._actor(), self._view.analysis_id, citation.item_id)
        except NotFound:  # erased since, at its author's wish
            item = None
        except AppError as error:
            self.source_problem = error.message
            return
        self.rows = [evidence_row(as_evidence(citation), item, sample=self._sample)]

    async def _ask(self, text: str, without: list[str]) -> AsyncIterator[Any]:
        try:
            wanted = QuestionRequest.model_validate({"text": text, "without": without})
        except ValidationError:
            self.asking_problem = NO_QUESTION
            return
        analysis_id = self._place().analysis_id

        async def put(actor: Actor) -> str:
            return await edge.with_database(asking.ask, actor, analysis_id, wanted)

        async for step in self._open(put):
            yield step

    async def _open(self, put: Callable[[Actor], Any]) -> AsyncIterator[Any]:
        """Ask, and lead to the answer's own address."""
        if self.busy:
            return
        self._assign({"busy": True, "asking_problem": ""})
        yield
        try:
            question_id = await put(await self._actor())
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
            return
        except AppError as error:
            self.asking_problem = error.message
            return
        finally:
            self.busy = False
        yield rx.redirect(ask_href(self._place().analysis_id, question_id))

    async def _save(self, name: str | None) -> None:
        if not self.shown.id:
            return
        try:
            edit = QuestionEdit(saved_as=name)
            actor = await self._actor()
            await edge.write(questions.save, actor, self.shown.id, edit.saved_as)
            found = await edge.read(_beside, actor, self._place().analysis_id)
            view = await edge.read(questions.view, actor, self.shown.id)
        except ValidationError:
            self.asking_problem = "That name cannot be used; write another one."
        except AppError as error:
            self.asking_problem = error.message
        else:
            self._assign({**found, "asking_problem": ""})
            self._show(view)

    def _show(self, view: QuestionView | None) -> None:
        if view is not None and (self._view is None or self._view.id != view.id):
            self._assign({"text": view.text, "source": "", "rows": []})
        self._view = view
        self._assign({"shown": Shown() if view is None else shown(view)})

    def _clear(self) -> None:
        self._view = None
        self._assign(
            {
                "text": "",
                "busy": False,
                "asking_problem": "",
                "refused": "",
                "shown": Shown(),
                "suggestions": [],
                "history": [],
                "saved": [],
                "source": "",
                "rows": [],
            }
        )


def _question_of(analysis_id: str, question_id: str) -> Callable[[Actor], AsyncIterator[Update[QuestionView]]]:
    def watch(actor: Actor) -> AsyncIterator[Update[QuestionView]]:
        return hub.watch(
            bus.analysis_channel(analysis_id),
            lambda: edge.read(_question, actor, analysis_id, question_id),
            busy=lambda view: view.status == "asking",
            key=("question", actor.workspace_id, question_id),
        )

    return watch


def _question(session: Session, actor: Actor, analysis_id: str, question_id: str) -> QuestionView:
    view = questions.view(session, actor, question_id)
    if view.analysis_id != analysis_id:
        raise NotFound(questions.MISSING)
    return view


def _beside(session: Session, actor: Actor, analysis_id: str) -> dict[str, Any]:
    """Return what stands around the answer."""
    analysis = owned_analysis(session, actor, analysis_id)
    permitted = can(actor, Action.QUESTION_ASK)
    refused = "" if permitted is True else permitted
    if not refused and analysis.status not in ANALYSIS_CLOSED:
        refused = "The analysis still runs; you can ask when it is done, so that the answer counts everything."
    found = questions.rows(session, actor, analysis_id, limit=HISTORY)
    return {
        "refused": refused,
        "suggestions": questions.suggestions(session, actor, analysis_id),
        "history": [asked_row(row, analysis_id) for row in found.rows],
        "saved": [asked_row(row, analysis_id) for row in questions.saved(session, actor)],
        "_sample": analysis.sample,
    }
