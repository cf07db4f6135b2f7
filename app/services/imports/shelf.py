"""The files of one workspace as the collect stage reads them, and what an analysis fixes of them at its start."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, select

from app.core.db import database
from app.core.errors import InvalidInput
from app.models import FileImport, ImportBlock, ImportStatus
from app.services.access import Actor
from app.services.contract import AnalysisRequest, SourceRequest
from app.services.imports import library
from integrations.contracts import JsonValue, StoredFacts
from integrations.files import blocks

PROVIDER = "file"


@dataclass(frozen=True, slots=True)
class WorkspaceShelf:
    """Reads the imports of one workspace; those of others are not there."""

    workspace_id: str

    async def facts(self, identifier: str) -> StoredFacts | None:
        """See `integrations.contracts.Shelf`."""
        return await asyncio.to_thread(self._facts, identifier)

    async def block(self, identifier: str, number: int) -> Sequence[JsonValue] | None:
        """See `integrations.contracts.Shelf`."""
        return await asyncio.to_thread(self._block, identifier, number)

    def _facts(self, identifier: str) -> StoredFacts | None:
        with database().read() as session:
            row = session.exec(
                select(FileImport).where(
                    FileImport.id == identifier,
                    FileImport.workspace_id == self.workspace_id,
                    FileImport.status == ImportStatus.READY,
                )
            ).one_or_none()
            if row is None:
                return None
            count = session.exec(
                select(func.count()).select_from(ImportBlock).where(ImportBlock.import_id == identifier)
            ).one()
        report = row.report or {"comments": row.row_count, "days": {}}
        return StoredFacts(title=row.name, rows=int(report["comments"]), blocks=int(count), days=report["days"])

    def _block(self, identifier: str, number: int) -> Sequence[JsonValue] | None:
        with database().read() as session:
            data = session.exec(
                select(ImportBlock.data)
                .join(FileImport)
                .where(
                    ImportBlock.import_id == identifier,
                    ImportBlock.number == number,
                    FileImport.workspace_id == self.workspace_id,
                )
            ).one_or_none()
        return None if data is None else [blocks.plain(row) for row in blocks.unpack(data)]


def settle(session: Session, actor: Actor, wanted: AnalysisRequest) -> AnalysisRequest:
    """Return the request with what its files are called and what their columns mean at this moment.

    From here on the request says it all: another mapping later changes no analysis that was asked for before.

    Raises:
        NotFound: A file is not there, or another workspace's.
        InvalidInput: A file cannot be analysed yet; the message says what to do.
    """
    if all(source.provider != PROVIDER for source in wanted.sources):
        return wanted
    settled = [_settled(session, actor, source) if source.provider == PROVIDER else source for source in wanted.sources]
    return wanted.model_copy(update={"sources": settled})


def _settled(session: Session, actor: Actor, source: SourceRequest) -> SourceRequest:
    row = library.owned(session, actor, str(source.query.get("id", "")))
    problem = library.problem_of(row)
    if problem is not None:
        raise InvalidInput(f"{row.name}: {problem}", field="sources")
    query = {"id": row.id, "name": row.name, "mapping": row.mapping, "moment": row.created_at.isoformat()}
    return SourceRequest(provider=PROVIDER, query=query)
