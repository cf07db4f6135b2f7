"""The files of a workspace: list, look at, map, delete; and the sweep of what never became one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial

from sqlmodel import Session, col, delete, select, update

from app.core.db import Database, database_now
from app.core.errors import InvalidInput, NotFound
from app.core.ids import is_id
from app.core.paging import Page, cut, newest_first
from app.models import FileImport, ImportBlock, ImportMapping, ImportStatus
from app.services import audit, spreadsheet
from app.services.access import Action, Actor, ActorKind, require
from app.services.imports import checking
from app.services.imports.views import ImportReport, ImportRow, ImportView, PreviewRow
from integrations.files import blocks
from integrations.files.comments import Naming, RejectedRow, comment
from integrations.files.mapping import Mapping
from integrations.files.rows import Row
from integrations.files.trees import Trees

PREVIEW_ROWS = 20
UNFINISHED_HOURS = 24
MISSING = "There is no such file in this workspace; look at the list of files."
UNREADY = "This file is still being read; wait a moment."
NO_TEXT_COLUMN = "Say which column is the text."
UNCLEAR = "Some dates can be read in two ways; choose whether the day or the month comes first."
NO_COMMENTS = "No row becomes a comment with these columns; look at the reasons and choose others."
_PREFIX = 12


def rows(session: Session, actor: Actor, *, cursor: str | None = None, limit: int = 50) -> Page[ImportRow]:
    """Return the workspace's files, newest first. Raises `InvalidInput` for a wrong cursor or limit."""
    require(actor, Action.IMPORT_READ)
    query = select(FileImport).where(FileImport.workspace_id == actor.workspace_id)
    found = session.exec(newest_first(query, col(FileImport.id), cursor, limit)).all()
    kept, next_cursor = cut(found, limit, lambda row: [row.id])
    return Page(
        rows=[
            ImportRow(
                id=row.id,
                name=row.name,
                source=f"file:{row.id}",
                status=row.status,
                bytes=row.byte_count,
                rows=row.row_count,
                comments=None if row.report is None else int(row.report["comments"]),
                problem=problem_of(row),
                created_at=row.created_at,
            )
            for row in kept
        ],
        next_cursor=next_cursor,
    )


def view(session: Session, actor: Actor, import_id: str) -> ImportView:
    """Return the whole of one. Raises `NotFound`."""
    row = owned(session, actor, import_id)
    return ImportView(
        id=row.id,
        name=row.name,
        source=f"file:{row.id}",
        status=row.status,
        bytes=row.byte_count,
        rows=row.row_count,
        format=row.format,
        encoding=row.encoding,
        delimiter=row.delimiter,
        columns=row.columns,
        mapping=Mapping.model_validate(row.mapping),
        mapping_origin=row.mapping_origin,
        notes=row.notes,
        report=None if row.report is None else ImportReport.model_validate(row.report),
        problem=problem_of(row),
        created_at=row.created_at,
    )


def preview(session: Session, actor: Actor, import_id: str) -> list[PreviewRow]:
    """Return the first rows as they will be stored, or why they will not. Raises `NotFound`."""
    row = owned(session, actor, import_id)
    block = session.get(ImportBlock, (row.id, 0))
    mapping, naming, trees = Mapping.model_validate(row.mapping), naming_of(row), Trees()
    first = [] if block is None else blocks.unpack(block.data)
    for stored in first:  # of conversations only what the first block holds is known here
        found = comment(stored, mapping)
        if not isinstance(found, RejectedRow):
            trees.add(found)
    return [_previewed(stored, mapping, naming, trees) for stored in first[:PREVIEW_ROWS]]


def _previewed(row: Row, mapping: Mapping, naming: Naming, trees: Trees) -> PreviewRow:
    found = comment(row, mapping)
    if isinstance(found, RejectedRow):
        return PreviewRow(row=found.row, rejected=found.reason, text=found.sample)
    item = naming.item(found, trees.root(found))
    return PreviewRow(
        row=row.number,
        text=item.text,
        title=item.title,
        author=item.author,
        posted_at=item.posted_at,
        permalink=item.permalink,
        community=item.community,
        external_id=item.external_id,
        parent_id=item.parent_external_id,
        thread_id=item.thread_external_id,
        upvotes=item.upvotes,
    )


def set_mapping(session: Session, actor: Actor, import_id: str, mapping: Mapping) -> None:
    """Say what the columns are; kept for the next file with the same columns. The report is to be made anew.

    Raises:
        NotFound: There is no such file.
        InvalidInput: A column is not one of its, or stands for two fields.
    """
    require(actor, Action.IMPORT_CHANGE)
    owned(session, actor, import_id)
    row = session.exec(select(FileImport).where(FileImport.id == import_id).with_for_update()).one()
    if row.status != ImportStatus.READY:
        raise InvalidInput(UNREADY, field="mapping")
    used = mapping.columns()
    for field, column in used.items():
        if column not in row.columns:
            raise InvalidInput(f"The file has no column “{column}”; choose one of its own.", field=field)
    twice = next((column for column in used.values() if list(used.values()).count(column) > 1), None)
    if twice is not None:
        raise InvalidInput(f"The column “{twice}” cannot be two things; choose it once.", field="mapping")
    values = mapping.model_dump(mode="json", exclude_none=True)
    if values == row.mapping and row.mapping_origin == "chosen":
        return
    if values != row.mapping:
        row.report = None
    row.mapping, row.mapping_origin = values, "chosen"
    session.add(row)
    saved = session.get(ImportMapping, (actor.workspace_id, row.headers_sha256))
    if saved is None:
        saved = ImportMapping(
            workspace_id=actor.workspace_id, headers_sha256=row.headers_sha256, saved_at=database_now(session)
        )
    saved.mapping, saved.saved_at = values, database_now(session)
    session.add(saved)
    audit.record(session, actor, "import:map", row.id, name=row.name, columns=", ".join(used.values())[:500])


def check(store: Database, actor: Actor, import_id: str) -> ImportReport | None:
    """Look at every row by the present mapping and keep what comes of it. Opens sessions of its own; takes seconds.

    Returns:
        The report; None when the mapping changed meanwhile, so that another look is due.

    Raises:
        NotFound: There is no such file.
    """
    with store.read() as session:
        row = owned(session, actor, import_id)
    if row.status != ImportStatus.READY:
        return None
    if row.report is not None:
        return ImportReport.model_validate(row.report)
    mapping = Mapping.model_validate(row.mapping)
    found = checking.report(partial(_blocks, store, row.id), mapping, naming_of(row))
    with store.write() as session:
        kept = session.exec(select(FileImport).where(FileImport.id == row.id).with_for_update()).one_or_none()
        if kept is None:
            raise NotFound(MISSING)
        if kept.mapping != row.mapping:
            return None
        session.connection().execute(
            update(FileImport).where(col(FileImport.id) == row.id).values(report=found.model_dump(mode="json"))
        )
    return found


def rejected_csv(store: Database, actor: Actor, import_id: str) -> Iterator[str]:
    """Yield every row that is not taken as CSV, header first; cells that a spreadsheet would run are made harmless.

    Raises:
        NotFound: There is no such file; raised before the first line.
    """
    with store.read() as session:
        row = owned(session, actor, import_id)
    yield spreadsheet.line(("row", "reason", "sample"))
    mapping = Mapping.model_validate(row.mapping)
    for found in checking.judged(_blocks(store, row.id), mapping, naming_of(row)):
        if isinstance(found, RejectedRow):
            yield spreadsheet.line((str(found.row), found.reason, spreadsheet.neutral(found.sample)))


def remove(session: Session, actor: Actor, import_id: str) -> None:
    """Delete a file and its rows; analyses keep the items that they took from it. Raises `NotFound`."""
    require(actor, Action.IMPORT_CHANGE)
    row = owned(session, actor, import_id)
    audit.record(session, actor, "import:delete", row.id, name=row.name)
    _delete(session, [row.id])


def drop(store: Database, import_id: str) -> None:
    """Take away what is stored of a file that could not be read to its end."""
    with store.write() as session:
        _delete(session, [import_id])


def sweep_unfinished(session: Session) -> None:
    """Delete imports whose reading was interrupted: the process that held the file is gone, and the file with it."""
    before = database_now(session) - timedelta(hours=UNFINISHED_HOURS)
    _delete(
        session,
        session.exec(
            select(FileImport.id).where(FileImport.status == ImportStatus.READING, col(FileImport.created_at) < before)
        ).all(),
    )


def _delete(session: Session, identifiers: Iterable[str]) -> None:
    for identifier in identifiers:
        session.connection().execute(delete(ImportBlock).where(col(ImportBlock.import_id) == identifier))
        session.connection().execute(delete(FileImport).where(col(FileImport.id) == identifier))


def owned(session: Session, actor: Actor, import_id: str) -> FileImport:
    """Return the file's row.

    Raises:
        NotFound: It does not exist, belongs to another workspace, or the id is malformed: one and the same answer.
    """
    require(actor, Action.IMPORT_READ)
    if is_id(import_id):
        row = session.get(FileImport, import_id)
        if row is not None and (actor.kind is ActorKind.SYSTEM or row.workspace_id == actor.workspace_id):
            return row
    raise NotFound(MISSING)


def problem_of(row: FileImport) -> str | None:
    """Return why a file cannot be analysed yet, as a sentence; None when it can."""
    if row.status != ImportStatus.READY:
        return UNREADY
    if "text" not in row.mapping:
        return NO_TEXT_COLUMN
    if row.report is None:
        return None
    if row.report["unclear_dates"]:
        return UNCLEAR
    return None if row.report["comments"] else NO_COMMENTS


def naming_of(row: FileImport) -> Naming:
    """Return how its comments are called among items."""
    return Naming(prefix=row.id[-_PREFIX:], community=row.name, moment=row.created_at)


def _blocks(store: Database, import_id: str) -> Iterator[list[Row]]:
    number = 0
    while True:
        with store.read() as session:
            data = session.exec(
                select(ImportBlock.data).where(ImportBlock.import_id == import_id, ImportBlock.number == number)
            ).one_or_none()
        if data is None:
            return
        yield blocks.unpack(data)
        number += 1
