"""Rows in the form in which they are stored: some hundred of them as compressed JSON."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator

from integrations.contracts import JsonValue
from integrations.files.rows import Row

ROWS = 500
"""Most rows of one block, which is one page of the collect stage."""
CHARACTERS = 2_000_000
"""A block ends at this size, whatever its number of rows."""


def blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Cut rows into blocks."""
    block: list[Row] = []
    size = 0
    for row in rows:
        block.append(row)
        size += len(row.sample) + sum(map(len, row.cells.values()))
        if len(block) >= ROWS or size >= CHARACTERS:
            yield block
            block, size = [], 0
    if block:
        yield block


def pack(rows: Iterable[Row]) -> bytes:
    """Return rows as they are stored."""
    words = json.dumps([plain(row) for row in rows], ensure_ascii=True, separators=(",", ":"))
    return zlib.compress(words.encode("ascii"), 1)


def unpack(data: bytes) -> list[Row]:
    """Return stored rows."""
    return [of_plain(value) for value in json.loads(zlib.decompress(data))]


def plain(row: Row) -> JsonValue:
    """Return a row as JSON."""
    return [row.number, row.cells] if row.problem is None else [row.number, row.problem, row.sample]


def of_plain(value: JsonValue) -> Row:
    """Return the row that `plain` made JSON of."""
    if len(value) == 3:
        return Row(value[0], problem=value[1], sample=value[2])
    return Row(value[0], value[1])
