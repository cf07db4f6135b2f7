"""From a row to a comment, by a mapping; or the reason why it is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from integrations.contracts import CollectedItem, ItemKind
from integrations.files.dates import Unclear, moment
from integrations.files.mapping import Mapping
from integrations.files.rows import SAMPLE, Row

NO_TEXT = "there is no text"
NO_DATE = "there is no date"
BAD_DATE = "the date cannot be read"
UNCLEAR_DATE = "the date can be read in two ways; choose whether the day or the month comes first"
SAME_ID = "its id stands in an earlier row"
SAME_ROW = "it repeats an earlier row word for word"
OWN_PARENT = "it is named as the answer to itself"

_LONGEST_NAME = 200
_LONGEST_LINK = 2000
_LONGEST_EXAMPLE = 40
_MOST_UPVOTES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Comment:
    """What a row says. Ids are the file's own; `Naming` makes them those of items."""

    row: int
    text: str
    title: str | None
    author: str | None
    posted_at: datetime | None
    """None where the file has no dates."""
    zoned: bool
    permalink: str
    community: str | None
    id: str | None
    parent_id: str | None
    thread_id: str | None
    upvotes: int | None
    uncounted: str = ""
    """What stands in the column of likes and is no number."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not taken."""

    row: int
    reason: str
    sample: str


def comment(row: Row, mapping: Mapping) -> Comment | RejectedRow:
    """Return what a row says by a mapping, or why it is not taken."""
    if row.problem is not None:
        return RejectedRow(row.number, row.problem, row.sample)

    def cell(name: str) -> str:
        column = getattr(mapping, name)
        return "" if column is None else row.cells.get(column, "").strip()

    text, title = cell("text"), cell("title")
    likes = cell("upvotes")
    upvotes = _count(likes)
    own, parent = cell("external_id") or None, cell("parent_id") or None
    if not text and not title:
        return _rejected(row, NO_TEXT)
    if own is not None and own == parent:
        return _rejected(row, OWN_PARENT)
    posted_at, zoned = None, True
    if mapping.posted_at is not None:
        try:
            posted_at, zoned = moment(cell("posted_at"), mapping.date_order)
        except Unclear:
            return _rejected(row, UNCLEAR_DATE)
        except ValueError:
            return _rejected(row, BAD_DATE if cell("posted_at") else NO_DATE)
    return Comment(
        row=row.number,
        text=text,
        title=_name(title),
        author=_name(cell("author")),
        posted_at=posted_at,
        zoned=zoned,
        permalink=link(cell("permalink")),
        community=_name(cell("community")),
        id=own,
        parent_id=parent,
        thread_id=cell("thread_id") or None,
        upvotes=upvotes,
        uncounted=likes[:_LONGEST_EXAMPLE] if upvotes is None else "",
    )


def link(words: str) -> str:
    """Return a web address that may be shown as a link, else an empty text."""
    try:
        parts = urlsplit(words)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and len(words) <= _LONGEST_LINK
    except ValueError:
        return ""
    return words if good and words.isprintable() and " " not in words else ""


def _name(words: str) -> str | None:
    return " ".join(words.split())[:_LONGEST_NAME] or None


def _count(words: str) -> int | None:
    try:
        count = int(float(words.replace(",", "")))
    except (ValueError, OverflowError):
        return None
    return count if abs(count) <= _MOST_UPVOTES else None


def _rejected(row: Row, reason: str) -> RejectedRow:
    return RejectedRow(row.number, reason, " · ".join(row.cells.values())[:SAMPLE])


@dataclass(frozen=True, slots=True)
class Naming:
    """How the comments of one file are named among the items of an analysis."""

    prefix: str
    """Of ids that the file gives: two files may both have a comment 1."""
    community: str
    moment: datetime
    """Stands for the date where the file has none."""

    def own(self, found: Comment) -> str:
        """Return the id of a comment: the file's, else one that its content gives, the same in every file."""
        if found.id is not None:
            return self.given(found.id)
        parts = (found.title, found.text, found.author, str(found.posted_at), found.parent_id, found.permalink)
        digest = hashlib.sha256("\x1f".join(part or "" for part in parts).encode("utf-8", "replace"))
        return f"row-{digest.hexdigest()[:32]}"

    def given(self, identifier: str) -> str:
        """Return the id of the comment that the file calls `identifier`."""
        if len(identifier) > _LONGEST_NAME:
            identifier = hashlib.sha256(identifier.encode("utf-8", "replace")).hexdigest()
        return f"{self.prefix}/{identifier}"

    def item(self, found: Comment, root: str | None) -> CollectedItem:
        """Return the item.

        Args:
            found: What the row says.
            root: The file's id of the comment at the root of its conversation, where that was found by its parents.
        """
        own = self.own(found)
        parent = None if found.parent_id is None else self.given(found.parent_id)
        thread = found.thread_id or root
        thread_name = own
        if parent is not None:
            thread_name = parent if thread is None else self.given(thread)
        elif found.thread_id is not None and found.thread_id != found.id:
            # It stands in a conversation whose first words are not in the file, or is one of its first answers.
            parent = thread_name = self.given(found.thread_id)
        return CollectedItem(
            external_id=own,
            kind=ItemKind.POST if parent is None else ItemKind.COMMENT,
            thread_external_id=thread_name,
            parent_external_id=parent,
            community=found.community or self.community,
            author=found.author,
            title=found.title,
            text=found.text,
            posted_at=found.posted_at or self.moment,
            permalink=found.permalink,
            upvotes=found.upvotes,
        )
