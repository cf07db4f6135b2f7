"""A CSV file as an answer, made line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import chain

from fastapi.responses import StreamingResponse


async def csv_file(name: str, lines: Iterator[str]) -> StreamingResponse:
    """Return the lines as a file to take away.

    The first line is made before the answer starts, so that what is not there is a 404 and not a broken file.

    Args:
        name: Of the file, without its ending; plain letters, digits and hyphens.
        lines: Its lines, each with its end.
    """
    first = await asyncio.to_thread(next, lines, "")
    return StreamingResponse(
        chain([first], lines),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}.csv"', "cache-control": "no-store"},
    )
