"""Lines of CSV that any spreadsheet opens, and that none runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

_DANGEROUS = re.compile(r"^\s*[=+\-@|%\t\r\n\x00\uFF1D\uFF0B\uFF0D\uFF20]")
"""First characters that start a formula or a command in a spreadsheet, full-width ones too
(https://owasp.org/www-community/attacks/CSV_Injection)."""


def neutral(cell: object) -> str:
    """Return the cell as text that no spreadsheet runs: a dangerous start gets an apostrophe before it."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if _DANGEROUS.match(text) else text


def line(cells: Sequence[str]) -> str:
    """Return one line, every cell in quotes, with its end."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
