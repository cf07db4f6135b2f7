"""One file: what its columns mean, how its first rows will be stored, what becomes of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

import reflex as rx
import structlog
from pydantic import Field

from app.core import edge
from app.core.clock import rfc3339
from app.core.errors import AppError, NotSignedIn
from app.services.access import Action, can
from app.services.imports import library
from app.services.imports.views import ImportReport, ImportView, PreviewRow
from integrations.files.mapping import FIELDS, Mapping
from integrations.files.rows import DELIMITERS, MAX_HEADER
from state import words
from state.base import Base
from state.gate import SIGN_IN, event
from state.imports import size_words

log = structlog.get_logger(__name__)

SHOWN_TEXT = 280
SHOWN_SAMPLES = 20
ORIGINS = {
    "guess": "We guessed what the columns are; change what is wrong.",
    "saved": "The columns are as you said for another file with the same ones.",
    "chosen": "The columns are as you said; they are kept for the next file with the same ones.",
}
UNCHECKED = "The rows could not be counted just now; load the page again."


@dataclass(frozen=True)
class FieldRow:
    """One field and its column; empty when it has none."""

    name: str
    label: str
    hint: str
    column: str


@dataclass(frozen=True)
class PreviewShown:
    """One of the first rows."""

    number: int
    rejected: str
    text: str
    title: str
    author: str
    posted_at: str
    community: str
    place: str
    """Whether it begins a conversation or answers."""


@dataclass(frozen=True)
class ReasonRow:
    """Why some rows are not taken."""

    reason: str
    rows: str
    """How many, with their noun: a bare number reads as that of a row."""


@dataclass(frozen=True)
class SampleRow:
    """One of them."""

    number: int
    reason: str
    sample: str


def fields_of(view: ImportView) -> list[FieldRow]:
    """Return every field with its column."""
    return [FieldRow(name, label, hint, getattr(view.mapping, name) or "") for name, (label, hint) in FIELDS.items()]


def facts_of(view: ImportView) -> list[str]:
    """Return what was recognised."""
    facts = [view.format.upper(), view.encoding, f"{view.rows:,} rows", size_words(view.bytes)]
    if view.delimiter is not None:
        facts.insert(1, f"cells apart by {DELIMITERS.get(view.delimiter, view.delimiter)}")
    return facts


def remapped(mapping: Mapping, field: str, column: str) -> Mapping:
    """Return the mapping with a column for a field; the field that had it has none."""
    values = {name: old for name, old in mapping.model_dump().items() if old != column or name == "date_order"}
    return Mapping.model_validate({**values, field: column or None})


def preview_of(row: PreviewRow) -> PreviewShown:
    """Return the words of a row."""
    text = row.text if len(row.text) <= SHOWN_TEXT else f"{row.text[:SHOWN_TEXT]}…"
    return PreviewShown(
        number=row.row,
        rejected=row.rejected or "",
        text=text,
        title=row.title or "",
        author=row.author or "",
        posted_at="" if row.posted_at is None else f"{row.posted_at:%Y-%m-%d %H:%M}",
        community=row.community,
        place="answer" if row.parent_id else "beginning",
    )


class ImportFile(Base, rx.State):
    """The page of one file; everything on it is read anew after each change."""

    id: str = ""
    name: str = ""
    facts: list[str] = []
    notes: list[str] = []
    origin: str = ""
    fields: list[FieldRow] = []
    columns: list[str] = []
    date_order: str = ""
    asks_order: bool = False
    preview: list[PreviewShown] = []
    taken: str = ""
    out: str = ""
    span: str = ""
    reasons: list[ReasonRow] = []
    samples: list[SampleRow] = []
    report_notes: list[str] = []
    problem: str = ""
    """Why it cannot be analysed yet."""
    checking: bool = False
    check_problem: str = ""
    error: str = ""
    refusal: str = ""
    change_problem: str = ""
    loaded: bool = False
    use: str = ""
    csv: str = ""

    @event
    async def load(self) -> Any:
        """Show the file that the address names."""
        identifier = str(self.router.url.path).rstrip("/").rpartition("/")[2]
        if identifier != self.id:
            self.reset()
        try:
            actor = await self._actor()
            await self._read(identifier)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.error, self.loaded = error.message, True
            return None
        answer = can(actor, Action.IMPORT_CHANGE)
        self.refusal = "" if answer is True else answer
        return ImportFile.check if self.checking else None

    @event
    async def choose(
        self, field: Annotated[str, Field(max_length=40)], column: Annotated[str, Field(max_length=MAX_HEADER)]
    ) -> Any:
        """Say which column a field is; none when it is empty."""
        if field not in FIELDS:
            return None
        return await self._change(lambda mapping: remapped(mapping, field, column))

    @event
    async def choose_order(self, order: Literal["day_first", "month_first"]) -> Any:
        """Say whether the day or the month comes first."""
        return await self._change(lambda mapping: mapping.model_copy(update={"date_order": order}))

    @event(background=True, supersedes=True)
    async def check(self) -> None:
        """Look at every row, which may take seconds."""
        async with self:
            identifier = self.id
        report, problem = None, ""
        try:
            actor = await self._actor()
            while report is None:
                report = await edge.with_database(library.check, actor, identifier)
            view = await edge.read(library.view, actor, identifier)
        except AppError as error:
            problem = error.message
        except Exception as error:  # noqa: BLE001 - whatever fails, the columns can still be chosen
            log.warning("import.check_failed", error=str(error) or type(error).__name__)
            problem = UNCHECKED
        async with self:
            if identifier != self.id:
                return
            self.checking, self.check_problem = False, problem
            if not problem:
                self._show(view)

    @event
    async def remove(self) -> Any:
        """Delete the file."""
        try:
            await edge.write(library.remove, await self._actor(), self.id)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.change_problem = error.message
            return None
        return rx.redirect("/imports")

    async def _change(self, change: Any) -> Any:
        try:
            actor = await self._actor()
            view = await edge.read(library.view, actor, self.id)
            await edge.write(library.set_mapping, actor, self.id, change(view.mapping))
            self.change_problem = ""
            await self._read(self.id)
        except NotSignedIn:
            return rx.redirect(SIGN_IN)
        except AppError as error:
            self.change_problem = error.message
            return None
        return ImportFile.check if self.checking else None

    async def _read(self, identifier: str) -> None:
        actor = await self._actor()
        view = await edge.read(library.view, actor, identifier)
        self._show(view)
        self.preview = [preview_of(row) for row in await edge.read(library.preview, actor, identifier)]

    def _show(self, view: ImportView) -> None:
        self.id, self.name, self.loaded, self.error = view.id, view.name, True, ""
        self.facts, self.notes, self.origin = facts_of(view), view.notes, ORIGINS.get(view.mapping_origin, "")
        self.fields, self.columns = fields_of(view), view.columns
        self.date_order = view.mapping.date_order or ""
        self.problem = view.problem or ""
        self.use = f"/new?{urlencode({'source': view.source})}"
        self.csv = f"/api/v1/imports/{view.id}/rejected.csv"
        self.checking = view.report is None and view.status == "ready"
        if view.report is not None:
            self._show_report(view.report)

    def _show_report(self, report: ImportReport) -> None:
        self.taken, self.out = words.counted(report.comments, "comment"), words.counted(report.rejected_rows, "row")
        self.span = ""
        if report.first_at is not None and report.last_at is not None:
            self.span = f"{rfc3339(report.first_at)[:10]} to {rfc3339(report.last_at)[:10]}"
        self.asks_order = report.unclear_dates > 0 or bool(self.date_order)
        self.reasons = [ReasonRow(reason, words.counted(count, "row")) for reason, count in report.rejected.items()]
        self.samples = [SampleRow(row.row, row.reason, row.sample) for row in report.samples[:SHOWN_SAMPLES]]
        self.report_notes = report.notes
