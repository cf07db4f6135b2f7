"""Rows of NDJSON (one object a line) and of JSON (a list of objects), read piece by piece."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from integrations.contracts import JsonValue
from integrations.files.encoding import PIECE
from integrations.files.errors import NotReadable
from integrations.files.rows import (
    CELL_TOO_LONG,
    MAX_CELL,
    MAX_COLUMNS,
    MAX_DEPTH,
    MAX_ROW,
    NO_OBJECT,
    NOT_JSON,
    SAMPLE,
    TOO_DEEP,
    TOO_LONG,
    TOO_WIDE,
    Row,
    Shape,
    clean_name,
    start_of,
    storable,
)


def one_object_a_line(start: str) -> bool:
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


def rows_of_lines(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    """Yield the rows of an NDJSON file."""
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
            yield Row(number, problem=TOO_LONG, sample=start_of(start))
        elif start.strip("\ufeff \t\r\n"):
            yield _of_words(number, start.lstrip("\ufeff"))


def _of_words(number: int, words: str) -> Row:
    try:
        value = json.loads(words)
    except (ValueError, RecursionError):
        return Row(number, problem=NOT_JSON, sample=start_of(words))
    return _of_value(number, value, words)


def _of_value(number: int, value: JsonValue, words: str) -> Row:
    if not isinstance(value, dict):
        return Row(number, problem=NO_OBJECT, sample=start_of(words))
    cells: dict[str, str] = {}
    problem = _flatten(value, "", 1, cells)
    if problem is not None:
        return Row(number, problem=problem, sample=start_of(words))
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


def rows_of_list(text: io.TextIOWrapper, shape: Shape) -> Iterator[Row]:
    """Yield the rows of a JSON list, or of the one inside an object. Raises `NotReadable`."""
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
        piece = self._text.read(max(PIECE, len(self._held) - self._at))
        if not piece:
            self._ended = True
            return False
        self._held = self._held[self._at :] + piece
        self._at = 0
        return True
