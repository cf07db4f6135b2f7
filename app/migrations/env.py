"""Run by Alembic: binds the tables of this program to the connection that `core.migrate` gives."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection
from sqlmodel import SQLModel

import app.models  # noqa: F401 - registers every table
from app.core.db import Database, database_url
from app.core.settings import settings


def run() -> None:
    """Migrate on the given connection, or, from the `alembic` command, on the settings' database."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _on(connection)
        return
    with Database(database_url(settings())).writer.begin() as own:
        _on(own)


def _on(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        user_module_prefix="",
    )
    context.run_migrations()


run()
