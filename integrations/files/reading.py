"""From text to rows: CSV, NDJSON (one JSON object a line) and JSON (a list of objects), recognised by content.

A file is read through once, piece by piece; what is held at a time is one row. Rows that are none stay in their place
with the reason, so that every row of the file is accounted for.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Literal

from integrations.contracts import JsonValue
from integrations.files import encoding as encodings
from integrations.files.encoding import Encoding
from integrations.files.errors import NotReadable

Format = Literal["csv", "ndjson", "json"]

HEAD = 200_000
"""Characters by which format and columns are recognised."""
MAX_ROWS = 500_000
MAX_COLUMNS = 200
MAX_ROW = 1_000_000
"""Characters of one row."""
MAX_CELL = 100_000
MAX_HEADER = 100
"""Characters of a column's name; what is longer in a first line is talk, not a name."""
MAX_DEPTH = 4
"""Levels of objects inside a row; a field inside an object becomes the column `author.name`."""
SAMPLE = 200
"""Characters shown of a row that is none."""
_NONE = "\x1f"
"""Stands in for the delimiter of a file with one column, whose commas are talk."""
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}

TOO_LONG = f"the row is longer than {MAX_ROW:,} characters"
CELL_TOO_LONG = f"a cell is longer than {MAX_CELL:,} characters, or a quotation mark is never closed"
MORE_CELLS = "the row has more cells than there are columns"
NOT_JSON = "the row is not JSON"
NO_OBJECT = "the row is not a JSON object"
TOO_DEEP = f"the row is nested deeper than {MAX_DEPTH} levels"
TOO_WIDE = f"the row has more than {MAX_COLUMNS} fields"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it came."""

    number: int
    """Where it is: as a spreadsheet counts (the header is row 1), the line of NDJSON, the place in a JSON list."""
    cells: dict[str, str] = field(default_factory=dict)
    """What is not empty, by column."""
    problem: str | None = None
    """Why it is no row; then `sample` shows how it begins."""
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is built."""

    format: Format
    encoding: Encoding
    delimiter: str | None = None
    """Between the cells of a CSV file; None where it has one column, or is JSON."""
    headers: tuple[str, ...] | None = None
    """Names of the columns, where the file has them in one place; None for JSON, whose rows bring their own."""
    header_rows: int = 0
    """Rows at the start of a CSV file that are no comments."""
    notes: tuple[str, ...] = ()
    """What was assumed, as sentences."""


def recognise(file: BinaryIO) -> Shape:
    """Return how a file is built.

    Raises:
        NotReadable: It is empty, no text, or in none of the formats.
    """
    encoding = encodings.recognise(file)
    notes = () if encoding.note is None else (encoding.note,)
    with _opened(file, encoding) as text:
        head = text.read(HEAD)
    start = head.lstrip("\ufeff \t\r\n")
    if not start:
        raise NotReadable("The file is empty; bring one with at least one row.")
    if start[0] == "[":
        return Shape("json", encoding, notes=notes)
    if start[0] == "{":
        return Shape("ndjson" if _one_object_a_line(start) else "json", encoding, notes=notes)
    return _csv_shape(head.lstrip("\ufeff"), encoding, notes)


def rows(file: BinaryIO, shape: Shape) -> Iterator[Row]:
    """Yield every row of a file in its order.

    Raises:
        NotReadable: The file breaks off or stops being what it began as, or it has too many rows.
    """
    read = {"csv": _csv_rows, "ndjson": _ndjson_rows, "json": _json_rows}[shape.format]
    with _opened(file, shape.encoding) as text:
        for count, row in enumerate(read(text, shape)):
            if count >= MAX_ROWS:
                raise NotReadable(f"The file has more than {MAX_ROWS:,} rows; split it and bring the parts.")
            yield row


class _opened:  # noqa: N801 - reads like a function where it is used
    """Gives the text of a file from its start, and leaves the file open."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        file.seek(0)
        self._text = io.TextIOWrapper(file, encoding=encoding.codec, newline="")

    def __enter__(self) -> io.TextIOWrapper:
        return self._text

    def __exit__(self, *_: object) -> None:
        self._text.detach()


# --- CSV (RFC 4180, and what spreadsheets make of it) ------------------------------------------------------------


def _csv_shape(head: str, encoding: Encoding, notes: tuple[str, ...]) -> Shape:
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


def storable(text: str) -> str:
    """Return a text without what no database keeps: NUL, and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def clean_name(name: str) -> str:
    """Return a column's name on one line, without what cannot be shown."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return words[:MAX_HEADER].strip()


def _csv_rows(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
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
            yield Row(number, problem=CELL_TOO_LONG, sample=_start(lines.start))
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
            yield Row(number, problem=TOO_LONG if too_long else CELL_TOO_LONG, sample=_start(start))
        elif len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
            yield Row(number, problem=MORE_CELLS, sample=_start(start))
        elif any(len(cell) > MAX_CELL for cell in cells):
            yield Row(number, problem=CELL_TOO_LONG, sample=_start(start))
        else:
            filled = zip(columns, map(storable, cells), strict=False)
            yield Row(number, {name: cell for name, cell in filled if cell.strip()})


def _start(text: str) -> str:
    return storable(text[:SAMPLE])


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


# --- JSON --------------------------------------------------------------------------------------------------------


def _one_object_a_line(start: str) -> bool:
    """Tell NDJSON from one JSON document: its first line is an object by itself."""
    line = start.split("\n", 1)[0]
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    if start[len(line) :].strip():
        return True
    return not any(isinstance(inner, list) and inner and isinstance(inner[0], dict) for inner in value.values())


def _ndjson_rows(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    del shape
    number = 0
    while line := text.readline(MAX_ROW + 2):
        number += 1
        start = line
        too_long = False
        while len(line) > MAX_ROW and not line.endswith(("\n", "\r")):  # read on to the end of the line
            too_long = True
            line = text.readline(MAX_ROW + 2)
        if too_long:
            yield Row(number, problem=TOO_LONG, sample=_start(start))
        elif start.strip("\ufeff \t\r\n"):
            yield _of_words(number, start.lstrip("\ufeff"))


def _of_words(number: int, words: str) -> Row:
    try:
        value = json.loads(words)
    except (ValueError, RecursionError):
        return Row(number, problem=NOT_JSON, sample=_start(words))
    return _of_value(number, value, words)


def _of_value(number: int, value: JsonValue, words: str) -> Row:
    if not isinstance(value, dict):
        return Row(number, problem=NO_OBJECT, sample=_start(words))
    cells: dict[str, str] = {}
    problem = _flatten(value, "", 1, cells)
    if problem is not None:
        return Row(number, problem=problem, sample=_start(words))
    return Row(number, cells)


def _flatten(value: dict[str, JsonValue], prefix: str, depth: int, cells: dict[str, str]) -> str | None:
    """Put the fields of an object into `cells`; return why they do not fit, or None."""
    if depth > MAX_DEPTH:
        return TOO_DEEP
    for key, inner in value.items():
        name = clean_name(prefix + key)
        if isinstance(inner, dict):
            problem = _flatten(inner, f"{name}.", depth + 1, cells)
            if problem is not None:
                return problem
        elif inner is not None and not isinstance(inner, list) and name:  # lists are no cells
            cell = storable(inner) if isinstance(inner, str) else json.dumps(inner)
            if len(cell) > MAX_CELL:
                return CELL_TOO_LONG
            if cell.strip():
                cells[name] = cell
        if len(cells) > MAX_COLUMNS:
            return TOO_WIDE
    return None


def _json_rows(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    del shape
    window = _Window(text)
    _enter_list(window)
    number = 0
    if window.peek() == "]":
        return
    while True:
        number += 1
        value, words = window.value()
        yield _of_value(number, value, words)
        mark = window.take()
        if mark == "]":
            return
        if mark != ",":
            raise NotReadable(f"The JSON breaks off or is damaged after row {number}; export it again.")


def _enter_list(window: _Window) -> None:
    """Go to the first object of the list: the file itself, or the one list inside its outermost object."""
    if window.take() == "[":
        return
    if window.peek() == "}":
        raise NotReadable(_NO_LIST)
    while True:
        key, _ = window.value()
        if not isinstance(key, str) or window.take() != ":":
            raise NotReadable("The file begins like JSON but is damaged; export it again.")
        if window.peek() == "[" and window.begins_with_object():
            window.take()
            return
        window.value()
        if window.take() != ",":
            raise NotReadable(_NO_LIST)


_NO_LIST = "The JSON holds no list of objects; bring a list such as [{…}, {…}], or one object a line."


class _Window:
    """A part of a JSON text that moves along it: one value at a time is held, whatever the file's size."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._held = ""
        self._at = 0
        self._ended = False
        self._decoder = json.JSONDecoder()

    def peek(self) -> str:
        """Return the next character that is no space. Raises `NotReadable` at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in " \t\r\n\ufeff":
                    return self._held[self._at]
                self._at += 1
            if not self._more():
                raise NotReadable("The JSON breaks off before its end; export it again.")

    def take(self) -> str:
        """Return the next character and go past it."""
        found = self.peek()
        self._at += 1
        return found

    def begins_with_object(self) -> bool:
        """Tell whether the list that starts here holds objects."""
        self.peek()
        while "{" not in (rest := self._held[self._at + 1 : self._at + 1000].lstrip()) and len(rest) < 2:
            if not self._more():
                return False
        return rest.startswith("{")

    def value(self) -> tuple[JsonValue, str]:
        """Return the value that starts here and how its text begins. Raises `NotReadable`."""
        self.peek()
        while True:
            try:
                found, end = self._decoder.raw_decode(self._held, self._at)
            except RecursionError:
                raise NotReadable("The JSON is nested too deeply to be a list of comments.") from None
            except ValueError:
                pass
            else:
                # A number at the very edge of what is held may go on.
                if end < len(self._held) or self._ended or not self._more():
                    words = self._held[self._at : min(end, self._at + SAMPLE)]
                    self._at = end
                    return found, words
                continue
            if len(self._held) - self._at > MAX_ROW:
                raise NotReadable(f"The JSON is damaged, or one of its rows is longer than {MAX_ROW:,} characters.")
            if not self._more():
                raise NotReadable("The JSON breaks off or is damaged; export it again.")

    def _more(self) -> bool:
        # Twice as much each time: a value that spans many pieces is not tried again at each of them.
        piece = self._text.read(max(encodings.PIECE, len(self._held) - self._at))
        if not piece:
            self._ended = True
            return False
        self._held = self._held[self._at :] + piece
        self._at = 0
        return True
