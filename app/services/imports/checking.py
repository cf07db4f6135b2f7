"""What a mapping makes of every row of a file: counted, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from app.services.imports.views import ImportReport, RejectedRowView
from integrations.files.comments import SAME_ID, SAME_ROW, UNCLEAR_DATE, Comment, Naming, RejectedRow, comment
from integrations.files.mapping import Mapping
from integrations.files.rows import Row
from integrations.files.trees import Trees

SAMPLES = 100
SHORTEST = 200
"""Letters of a row that is shown in the report."""


def report(blocks: Callable[[], Iterable[list[Row]]], mapping: Mapping, naming: Naming) -> ImportReport:
    """Return what becomes of the rows.

    Args:
        blocks: Gives all rows from the start, each time it is called.
        mapping: What the columns are.
        naming: How its comments are called among items.
    """
    rejected: Counter[str] = Counter()
    samples: list[RejectedRowView] = []
    days: Counter[str] = Counter()
    trees = Trees()
    answers: Counter[str] = Counter()
    unzoned = unlinked = uncounted = comments = 0
    not_a_number = ""
    first: datetime | None = None
    last: datetime | None = None
    for found in judged(blocks(), mapping, naming):
        if isinstance(found, RejectedRow):
            rejected[found.reason] += 1
            if len(samples) < SAMPLES:
                samples.append(RejectedRowView(row=found.row, reason=found.reason, sample=found.sample[:SHORTEST]))
            continue
        comments += 1
        trees.add(found)
        if found.parent_id is not None:
            answers[found.parent_id] += 1
        unzoned += not found.zoned
        unlinked += mapping.permalink is not None and not found.permalink
        if found.uncounted:
            uncounted += 1
            not_a_number = not_a_number or found.uncounted
        if found.posted_at is not None:
            days[found.posted_at.date().isoformat()] += 1
            first = found.posted_at if first is None else min(first, found.posted_at)
            last = found.posted_at if last is None else max(last, found.posted_at)
    missing = 0
    if mapping.external_id is not None:
        missing = sum(count for parent, count in answers.items() if not trees.knows(parent))
    return ImportReport(
        comments=comments,
        rejected=dict(rejected.most_common()),
        samples=samples,
        missing_parents=missing,
        unclear_dates=rejected[UNCLEAR_DATE],
        first_at=first,
        last_at=last,
        days=dict(sorted(days.items())),
        notes=[
            *_notes(mapping, unzoned=unzoned, unlinked=unlinked, missing=missing, answers=answers.total()),
            *_uncounted(mapping, uncounted, not_a_number),
        ],
    )


def judged(blocks: Iterable[list[Row]], mapping: Mapping, naming: Naming) -> Iterator[Comment | RejectedRow]:
    """Yield of every row the comment, or why it is none; a row that comes again is none."""
    seen: set[int] = set()
    for block in blocks:
        for row in block:
            found = comment(row, mapping)
            if isinstance(found, Comment):
                key = hash(naming.own(found))
                if key in seen:
                    reason = SAME_ROW if found.id is None else SAME_ID
                    found = RejectedRow(found.row, reason, " · ".join(row.cells.values())[:SHORTEST])
                seen.add(key)
            yield found


def _notes(mapping: Mapping, *, unzoned: int, unlinked: int, missing: int, answers: int) -> list[str]:
    notes = []
    if mapping.posted_at is None:
        notes.append("No column is the date: every row counts as said when the file was brought, in any time range.")
    if mapping.author is None:
        notes.append("No column is the author: nobody can tell how many people spoke, so people are not counted.")
    if unzoned:
        notes.append(f"{_rows(unzoned)} {_is(unzoned)} a date without a time zone; it was read as UTC.")
    if mapping.parent_id is not None and mapping.external_id is None:
        notes.append("A column is the parent id but none is the id, so replies hang on comments that nobody can name.")
    if missing:
        notes.append(f"{missing:,} of {answers:,} replies answer a comment that is not in the file.")
    if unlinked:
        notes.append(
            f"{_rows(unlinked)} {_is(unlinked)} no web address in the column of links; they are stored without one."
        )
    return notes


def _uncounted(mapping: Mapping, rows: int, example: str) -> list[str]:
    if not rows:
        return []
    was = "was not a number that can be" if rows == 1 else "were not numbers that can be"
    return [f"{_rows(rows)}: {mapping.upvotes} {was} read, for example “{example}”; taken without it."]


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _is(count: int) -> str:
    return "has" if count == 1 else "have"
