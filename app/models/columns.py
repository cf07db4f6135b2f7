"""Column types that every table shares."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from app.core import clock
from app.core.db import UtcDateTime
from app.core.ids import new_id

# Named constraints can be dropped by a later migration on both databases.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

JSON_TYPE = JSON().with_variant(JSONB(), "postgresql")


def id_field() -> Any:  # noqa: ANN401 - SQLModel fields are typed by their annotation
    """Return the primary key: a sortable id."""
    return Field(default_factory=new_id, primary_key=True, max_length=36)


def moment_field(*, index: bool = False) -> Any:  # noqa: ANN401
    """Return a time that may be absent."""
    return Field(default=None, sa_type=UtcDateTime, nullable=True, index=index)


def created_field() -> Any:  # noqa: ANN401
    """Return the time at which the row was made."""
    return Field(default_factory=clock.now, sa_type=UtcDateTime, nullable=False)


def due_field() -> Any:  # noqa: ANN401
    """Return a time that is always present and set by the caller."""
    return Field(sa_type=UtcDateTime, nullable=False)


def json_field(default: Any = None) -> Any:  # noqa: ANN401
    """Return a JSON column: JSONB on PostgreSQL."""
    if default is None:
        return Field(default=None, sa_type=JSON_TYPE, nullable=True)
    return Field(default_factory=lambda: type(default)(default), sa_type=JSON_TYPE, nullable=False)
