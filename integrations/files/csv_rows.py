"""Rows of CSV (https://www.rfc-editor.org/rfc/rfc4180), and of what spreadsheets make of it."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence

from integrations.files.encoding import Encoding
from integrations.files.errors import NotReadable
from integrations.files.rows import (
    CELL_TOO_LONG,
    DELIMITERS,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_HEADER,
    MAX_ROW,
    MORE_CELLS,
    SAMPLE,
    TOO_LONG,
    Row,
    Shape,
    clean_name,
    start_of,
    storable,
)

_NONE = "\x1f"
"""Stands in for the delimiter of a file with one column, whose commas are talk."""


def shape_of(head: str, encoding: Encoding, notes: tuple[str, ...]) -> Shape:
    """Return how a CSV file is built, from its beginning. Raises `NotReadable`."""
    lines, declared = head, None
    first_line = head.split("\n", 1)[0].strip()
    if first_line.lower().startswith("sep=") and len(first_line) == 5:  # what Excel writes to name its delimiter
        declared = first_line[4]
        lines = head.split("\n", 1)[1] if "\n" in head else ""
    delimiter = declared or _delimiter(lines)
    first = next((row for row in _parsed(lines, delimiter) if any(cell.strip() for cell in row)), None)
    if first is None:
        raise NotReadable("The file is empty; bring one with at least one row.")
    if len(first) > MAX_COLUMNS:
        raise NotReadable(f"The file has more than {MAX_COLUMNS} columns; remove those that are not needed.")
    skipped = 1 if declared else 0
    if _looks_like_data(first):
        named = tuple(f"column {number}" for number in range(1, len(first) + 1))
        note = "The first row looks like data and not like names, so the columns are numbered."
        return Shape("csv", encoding, delimiter, named, skipped, (*notes, note))
    return Shape("csv", encoding, delimiter, _distinct(first), skipped + 1, notes)


def _delimiter(head: str) -> str | None:
    """Return the delimiter that cuts the first rows into the most cells of the same number; None for one column."""
    best, best_score = None, 0.0
    for candidate in DELIMITERS:
        widths = Counter(len(row) for row in _parsed(head, candidate, most=50) if row)
        if not widths:
            continue
        width, times = widths.most_common(1)[0]
        score = (width - 1) * (times / widths.total()) ** 2
        if width > 1 and score > best_score:
            best, best_score = candidate, score
    return best


def _parsed(text: str, delimiter: str | None, most: int = 20) -> list[list[str]]:
    found: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter or _NONE)
    try:
        for row in reader:
            found.append(row)
            if len(found) >= most:
                break
    except csv.Error:
        pass
    return found


def _looks_like_data(cells: Sequence[str]) -> bool:
    """Tell a row of values from a row of names: names are short, different, and no numbers, dates or addresses."""
    names = [cell.strip() for cell in cells]
    filled = [name for name in names if name]
    if len(filled) == 1 == len(names):
        return len(filled[0]) > 40
    return (
        any(len(name) > MAX_HEADER or "://" in name for name in filled)
        or sum(name[:1].isdigit() for name in filled) * 2 > len(filled)
        or len(set(filled)) < len(filled) / 2
    )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return names that are there, printable and different: `text`, `text (2)`, `column 3`."""
    given: list[str] = []
    for number, name in enumerate(names, start=1):
        plain = clean_name(name) or f"column {number}"
        tried, copy = plain, 2
        while tried in given:
            tried, copy = f"{plain} ({copy})", copy + 1
        given.append(tried)
    return tuple(given)


def rows(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    """Yield the rows of a CSV file."""
    columns = shape.headers or ()
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=shape.delimiter or _NONE)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            number += 1
            yield Row(number, problem=CELL_TOO_LONG, sample=start_of(lines.start))
            lines.begin()
            continue
        too_long, open_end, start = lines.length > MAX_ROW, lines.swallowed, lines.start
        lines.begin()
        if not any(cell.strip() for cell in cells):
            number += 1  # an empty line is a row to a spreadsheet, yet says nothing
            continue
        number += 1
        if number <= shape.header_rows:
            continue
        if too_long or open_end:
            yield Row(number, problem=TOO_LONG if too_long else CELL_TOO_LONG, sample=start_of(start))
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, problem=MORE_CELLS, sample=start_of(start))
        elif any(len(cell) > MAX_CELL for cell in cells):
            yield Row(number, problem=CELL_TOO_LONG, sample=start_of(start))
        else:
            filled = zip(columns, map(storable, cells), strict=False)
            yield Row(number, {name: cell for name, cell in filled if cell.strip()})


class _Lines:
    """Gives the csv module its lines, none longer than a row may be, and knows what the present row is made of."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._first = True
        self.begin()

    def begin(self) -> None:
        """Forget the row before."""
        self.start, self.length = "", 0
        self._lines = self._marks = 0

    @property
    def swallowed(self) -> bool:
        """Whether a mark of quotation that nobody closes has taken in the rows after it."""
        return self._lines > 1 and self._marks % 2 == 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(MAX_ROW + 2)
        if not line:
            raise StopIteration
        if self._first:
            line, self._first = line.lstrip("\ufeff"), False
        if self.length < SAMPLE:
            self.start += line[: SAMPLE * 2]
        self.length += len(line)
        self._lines += 1
        self._marks += line.count('"')
        return line
