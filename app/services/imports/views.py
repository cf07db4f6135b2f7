"""What pages, REST and the command line show of an import."""

from __future__ import annotations

from pydantic import Field

from app.services.contract import Contract, Moment
from integrations.files.mapping import Mapping


class RejectedRowView(Contract):
    """A row that is not taken."""

    row: int = Field(description="Its number: as a spreadsheet counts, a line of NDJSON, or the place in a JSON list.")
    reason: str
    sample: str = Field(description="How it begins.")


class ImportReport(Contract):
    """What the mapping makes of every row."""

    comments: int = Field(description="Rows that are taken.")
    rejected: dict[str, int] = Field(description="Rows that are not, by reason.")
    samples: list[RejectedRowView] = Field(description="The first of them.")
    missing_parents: int = Field(description="Replies to comments that are not in the file.")
    unclear_dates: int = Field(description="Dates that can be read in two ways as long as no order is chosen.")
    first_at: Moment | None = None
    last_at: Moment | None = None
    notes: list[str] = Field(default_factory=list, description="What was assumed.")
    days: dict[str, int] = Field(default_factory=dict, description="Comments of each day; empty without dates.")

    @property
    def rejected_rows(self) -> int:
        """How many rows are not taken."""
        return sum(self.rejected.values())


class ImportView(Contract):
    """One file."""

    id: str
    name: str
    source: str = Field(description="What to write where a place is asked for: `file:ID`.")
    status: str
    bytes: int
    rows: int
    format: str
    encoding: str
    delimiter: str | None
    columns: list[str]
    mapping: Mapping
    mapping_origin: str = Field(description="guess: ours; saved: yours for the same columns; chosen: yours.")
    notes: list[str]
    report: ImportReport | None = Field(description="Null until every row was looked at.")
    problem: str | None = Field(description="Why it cannot be analysed yet, and what to do; null when it can.")
    created_at: Moment


class ImportRow(Contract):
    """One file in a list."""

    id: str
    name: str
    source: str
    status: str
    bytes: int
    rows: int
    comments: int | None
    problem: str | None
    created_at: Moment


class PreviewRow(Contract):
    """One of the first rows as it will be stored, or why it will not."""

    row: int
    rejected: str | None = None
    text: str = ""
    title: str | None = None
    author: str | None = None
    posted_at: Moment | None = None
    permalink: str = ""
    community: str = ""
    external_id: str = ""
    parent_id: str | None = None
    thread_id: str = ""
    upvotes: int | None = None
