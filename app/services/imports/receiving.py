"""From an uploaded file to rows in the database: read once, stored block by block, never held as a whole.

The file lies in a nameless temporary file of the process that receives it. What other processes need, on whatever
host, is in the database: when the last block is stored, the import is ready; one that never gets there is swept.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from app.core.db import Database, database_now
from app.core.errors import Conflict, InvalidInput
from app.models import FileImport, ImportBlock, ImportMapping, ImportStatus
from app.services import audit
from app.services.access import Action, Actor, require
from app.services.imports import library
from integrations.files import blocks, reading
from integrations.files.errors import NotReadable
from integrations.files.mapping import Mapping, guess
from integrations.files.rows import MAX_COLUMNS, Row, Shape

MAX_IMPORTS = 100
"""Of one workspace at a time."""
MAX_NAME = 120
GUESSED_BY = 200
"""Rows by which the columns are guessed."""
_TRIES = 5
_one_at_a_time = threading.BoundedSemaphore(2)
"""Reading keeps a core busy, and the pages share it."""


def admit(session: Session, actor: Actor) -> None:
    """Do nothing when the actor may bring a file now; to be asked before its bytes arrive.

    Raises:
        NotPermitted: The actor's role does not allow it.
        Conflict: The workspace holds as many files as it may.
    """
    require(actor, Action.IMPORT_CHANGE)
    held = session.exec(
        select(func.count()).select_from(FileImport).where(FileImport.workspace_id == actor.workspace_id)
    ).one()
    if held >= MAX_IMPORTS:
        raise Conflict(f"The workspace holds {MAX_IMPORTS} files; delete one that is no longer needed.")


def take(store: Database, actor: Actor, file: BinaryIO, name: str, byte_count: int) -> str:
    """Read a file and store its rows. Opens transactions of its own, one a block, and may take seconds.

    Args:
        store: Where to.
        actor: Who brings it.
        file: Its bytes; may be read from any place.
        name: What it was called.
        byte_count: Its size.

    Returns:
        The new import's id.

    Raises:
        InvalidInput: It is nothing that we read; nothing of it stays.
        NotPermitted, Conflict: See `admit`.
    """
    try:
        shape = reading.recognise(file)
    except NotReadable as error:
        raise InvalidInput(str(error), field="file") from error
    identifier = _begin(store, actor, name, byte_count, shape)
    try:
        with _one_at_a_time:
            columns, rows = _store(store, identifier, reading.rows(file, shape), shape)
        _complete(store, actor, identifier, columns, rows)
        with _one_at_a_time:
            library.check(store, actor, identifier)
    except NotReadable as error:
        library.drop(store, identifier)
        raise InvalidInput(str(error), field="file") from error
    except BaseException:
        library.drop(store, identifier)
        raise
    return identifier


def _begin(store: Database, actor: Actor, name: str, byte_count: int, shape: Shape) -> str:
    plain = clean_name(name)
    for _ in range(_TRIES):
        try:
            with store.write() as session:
                admit(session, actor)
                row = FileImport(
                    workspace_id=actor.workspace_id,
                    made_by=actor.reference,
                    name=_free_name(session, actor, plain),
                    byte_count=byte_count,
                    format=shape.format,
                    encoding=shape.encoding.label,
                    delimiter=shape.delimiter,
                    notes=list(shape.notes),
                )
                session.add(row)
                session.flush()
                return row.id
        except IntegrityError:  # somebody took the name in this moment
            continue
    raise Conflict("Many files of this name arrive at once; try again.")


def clean_name(name: str) -> str:
    """Return a file's name without folders and without what cannot be shown."""
    last = re.split(r"[/\\]", name)[-1]
    plain = " ".join("".join(letter if letter.isprintable() else " " for letter in last).split())
    return plain[:MAX_NAME].strip() or "comments"


def _free_name(session: Session, actor: Actor, name: str) -> str:
    taken = set(session.exec(select(FileImport.name).where(FileImport.workspace_id == actor.workspace_id)))
    if name not in taken:
        return name
    return next(tried for number in range(2, len(taken) + 3) if (tried := f"{name} ({number})") not in taken)


def _store(store: Database, identifier: str, rows: Iterable[Row], shape: Shape) -> tuple[list[str], int]:
    """Store the rows; return the columns and how many rows there are."""
    columns = dict.fromkeys(shape.headers or ())
    count = 0
    for number, block in enumerate(blocks.blocks(rows)):
        if shape.headers is None:
            for row in block:
                columns |= dict.fromkeys(row.cells)
            if len(columns) > MAX_COLUMNS:
                raise NotReadable(f"The rows have more than {MAX_COLUMNS} different fields; leave some out.")
        count += len(block)
        with store.write() as session:
            session.add(ImportBlock(import_id=identifier, number=number, row_count=len(block), data=blocks.pack(block)))
    if not count:
        raise NotReadable("The file has a header but no rows." if shape.headers else "The file holds no rows.")
    return list(columns), count


def _complete(store: Database, actor: Actor, identifier: str, columns: Sequence[str], rows: int) -> None:
    digest = headers_sha256(columns)
    with store.write() as session:
        saved = session.get(ImportMapping, (actor.workspace_id, digest))
        mapping = Mapping.model_validate(saved.mapping) if saved else guess(columns, _first(session, identifier))
        session.connection().execute(
            update(FileImport)
            .where(col(FileImport.id) == identifier)
            .values(
                status=ImportStatus.READY,
                columns=list(columns),
                headers_sha256=digest,
                row_count=rows,
                mapping=mapping.model_dump(mode="json", exclude_none=True),
                mapping_origin="saved" if saved else "guess",
                ready_at=database_now(session),
            )
        )
        row = session.get_one(FileImport, identifier)
        audit.record(session, actor, "import:create", identifier, name=row.name, rows=rows, bytes=row.byte_count)


def headers_sha256(columns: Sequence[str]) -> str:
    """Return what files with the same columns have in common, whatever their order."""
    return hashlib.sha256("\x1f".join(sorted(columns)).encode("utf-8", "replace")).hexdigest()


def _first(session: Session, identifier: str) -> list[dict[str, str]]:
    block = session.get_one(ImportBlock, (identifier, 0))
    return [row.cells for row in blocks.unpack(block.data)[:GUESSED_BY] if row.problem is None]
