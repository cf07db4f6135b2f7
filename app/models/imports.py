"""Files that a workspace has brought: what each holds, its rows in blocks, and what its columns were taken for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, LargeBinary, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, due_field, id_field, json_field, moment_field


class ImportStatus(StrEnum):
    """Where an import stands."""

    READING = "reading"
    """Its rows are being stored; one that stays so was interrupted, and is swept."""
    READY = "ready"


class FileImport(SQLModel, table=True):
    """One file of comments. The file itself is not kept, only its rows."""

    __tablename__ = "file_import"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    made_by: str
    name: str
    """Told apart in its workspace, so that a label names one file."""
    status: ImportStatus = Field(default=ImportStatus.READING, sa_type=String)
    byte_count: int = Field(default=0, sa_type=BigInteger)
    format: str = ""
    encoding: str = ""
    delimiter: str | None = None
    notes: list[str] = json_field([])
    """What was assumed while reading, as sentences."""
    columns: list[str] = json_field([])
    headers_sha256: str = ""
    """Of the names of the columns, by which a saved mapping is found again."""
    row_count: int = 0
    mapping: dict[str, Any] = json_field({})
    mapping_origin: str = "guess"
    """`guess`, `saved` or `chosen`."""
    report: dict[str, Any] | None = json_field()
    """What the mapping makes of every row; None until it was counted."""
    created_at: datetime = created_field()
    ready_at: datetime | None = moment_field()


class ImportBlock(SQLModel, table=True):
    """Some rows of an import, in their order: what the collect stage reads as one page."""

    __tablename__ = "import_block"

    import_id: str = Field(foreign_key="file_import.id", ondelete="CASCADE", primary_key=True)
    number: int = Field(primary_key=True)
    row_count: int
    data: bytes = Field(sa_type=LargeBinary)
    """The rows as compressed JSON (`app.services.imports.blocks`)."""


class ImportMapping(SQLModel, table=True):
    """What somebody took the columns of a file for, to be offered when the same columns come back."""

    __tablename__ = "import_mapping"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    headers_sha256: str = Field(primary_key=True)
    mapping: dict[str, Any] = json_field({})
    saved_at: datetime = due_field()
