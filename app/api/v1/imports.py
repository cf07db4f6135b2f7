"""Bring a file of comments, say what its columns mean, and see what becomes of its rows."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect

from app.api.caller import Caller
from app.api.csv_file import csv_file
from app.api.v1.rows import Cursor, ImportId, Limit, Rows, faults
from app.core import edge
from app.core.db import database
from app.core.errors import InvalidInput, TooLarge, TooMany
from app.core.settings import settings
from app.services.imports import library, receiving
from app.services.imports.views import ImportRow, ImportView, PreviewRow
from integrations.files.mapping import Mapping

router = APIRouter(tags=["imports"])

AT_ONCE = 4
"""Files that this process receives or reads anew at a time."""
PIECE = 1 << 20
NO_FILE = "The form holds no file; send it in a field named `file`, or as the body itself."
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file, as the body itself or in the field `file` of a form. Compressed files are not taken.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            },
        },
    }
}

_receiving = 0


@router.post("/imports", status_code=201, responses=faults(408, 409, 413, 429), openapi_extra=_BODY)
async def create_import(
    request: Request,
    actor: Caller,
    response: Response,
    name: Annotated[str | None, Query(max_length=300, description="What the file is called.")] = None,
) -> ImportView:
    """Bring a file of comments: CSV, NDJSON or JSON, recognised by its content.

    The answer says what was recognised, which columns were taken for what, and what that makes of every row.
    """
    await edge.read(receiving.admit, actor)  # before its bytes are read
    async with _place(), _file(request) as (file, size, called):
        identifier = await edge.with_database(receiving.take, actor, file, name or called, size)
    response.headers["location"] = f"/api/v1/imports/{identifier}"
    return await edge.read(library.view, actor, identifier)


@router.get("/imports", responses=faults())
async def list_imports(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> Rows[ImportRow]:
    """List the workspace's files, newest first."""
    return Rows.of(await edge.read(library.rows, actor, cursor=cursor, limit=limit))


@router.get("/imports/{import_id}", responses=faults(404))
async def get_import(import_id: ImportId, actor: Caller) -> ImportView:
    """Give what is known of one file."""
    return await edge.read(library.view, actor, import_id)


@router.patch("/imports/{import_id}/mapping", responses=faults(404, 429))
async def map_import(import_id: ImportId, mapping: Mapping, actor: Caller) -> ImportView:
    """Say which column is what, all of them at once; kept for the next file with the same columns.

    The answer's report says what that makes of every row.
    """
    async with _place():  # every row is read again, which may take seconds
        await edge.write(library.set_mapping, actor, import_id, mapping)
        await edge.with_database(library.check, actor, import_id)
    return await edge.read(library.view, actor, import_id)


@router.get("/imports/{import_id}/preview", responses=faults(404))
async def preview_import(import_id: ImportId, actor: Caller) -> Rows[PreviewRow]:
    """Give the first rows as they will be stored, or why they will not."""
    return Rows(rows=await edge.read(library.preview, actor, import_id))


@router.get(
    "/imports/{import_id}/rejected.csv",
    response_class=StreamingResponse,
    responses={
        **faults(404),
        200: {"description": "One line for each row.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def rejected_rows(import_id: ImportId, actor: Caller) -> StreamingResponse:
    """Give every row that is not taken as CSV: its number, why, and how it begins."""
    return await csv_file(f"asterism-rejected-{import_id}", library.rejected_csv(database(), actor, import_id))


@router.delete("/imports/{import_id}", status_code=204, responses=faults(404))
async def delete_import(import_id: ImportId, actor: Caller) -> None:
    """Delete a file and its rows; analyses keep the items that they took from it."""
    await edge.write(library.remove, actor, import_id)


@asynccontextmanager
async def _place() -> AsyncIterator[None]:
    """Take one of the few places for files on their way. Raises `TooMany`."""
    global _receiving  # noqa: PLW0603 - one number for the process
    if _receiving >= AT_ONCE:
        raise TooMany("Several files are being read just now; try again in some seconds.", retry_after=5)
    _receiving += 1
    try:
        yield
    finally:
        _receiving -= 1


@asynccontextmanager
async def _file(request: Request) -> AsyncIterator[tuple[BinaryIO, int, str]]:
    """Give the file of a request, its size and its name; what was received goes away at the end, however that comes.

    Raises:
        InvalidInput: There is none.
        TooLarge, TooSlow: See `app.api.bodies`.
    """
    try:
        if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            async with request.form(max_files=1, max_fields=10) as form:
                file = form.get("file")
                if not isinstance(file, UploadFile):
                    raise InvalidInput(NO_FILE, field="file")
                yield file.file, _small_enough(file.size or 0), file.filename or ""
        else:
            with tempfile.TemporaryFile() as spool:
                yield cast("BinaryIO", spool), _small_enough(await _spooled(request, spool)), ""
    except MultiPartException as error:
        raise InvalidInput(f"The form cannot be read: {error.message}", field="file") from error
    except ClientDisconnect:
        raise InvalidInput("The file broke off; send it again.", field="file") from None


async def _spooled(request: Request, spool: BinaryIO) -> int:
    """Write the body to a file as it comes; return its size."""
    waiting = bytearray()
    size = 0
    async for piece in request.stream():
        waiting += piece
        size += len(piece)
        if len(waiting) >= PIECE:
            await asyncio.to_thread(spool.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(spool.write, bytes(waiting))
    return size


def _small_enough(size: int) -> int:
    most = settings().import_max_bytes
    if size > most:
        raise TooLarge(f"The file is larger than {most:,} bytes; bring a part of it.", field="file")
    return size
