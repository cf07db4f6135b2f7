"""What a row of a file is, how a file is built, and how large either may be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from integrations.files.encoding import Encoding

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


def storable(text: str) -> str:
    """Return a text without what no database keeps: NUL, and halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\x00", "")
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def clean_name(name: str) -> str:
    """Return a column's name on one line, without what cannot be shown."""
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return words[:MAX_HEADER].strip()


def start_of(text: str) -> str:
    """Return how a row begins, to be shown."""
    return storable(text[:SAMPLE])
