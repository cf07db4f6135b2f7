"""From text to rows: CSV, NDJSON (one JSON object a line) and JSON (a list of objects), recognised by content.

A file is read through once, piece by piece; what is held at a time is one row. Rows that are none stay in their place
with the reason, so that every row of the file is accounted for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from integrations.files import csv_rows, json_rows
from integrations.files import encoding as encodings
from integrations.files.encoding import Encoding
from integrations.files.errors import NotReadable
from integrations.files.rows import HEAD, MAX_ROWS, Format, Row, Shape

_READERS: Mapping[Format, Callable[[io.TextIOWrapper, Shape], Iterator[Row]]] = {
    "csv": csv_rows.rows,
    "ndjson": json_rows.rows_of_lines,
    "json": json_rows.rows_of_list,
}


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
        return Shape("ndjson" if json_rows.one_object_a_line(start) else "json", encoding, notes=notes)
    return csv_rows.shape_of(head.lstrip("\ufeff"), encoding, notes)


def rows(file: BinaryIO, shape: Shape) -> Iterator[Row]:
    """Yield every row of a file in its order.

    Raises:
        NotReadable: The file breaks off or stops being what it began as, or it has too many rows.
    """
    read = _READERS[shape.format]
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
