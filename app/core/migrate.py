"""Bringing a database to the shape that this version of the program needs. Forward only."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.core.db import Database

SCRIPTS = Path(__file__).parents[1] / "migrations"
_LOCK = 7_305_421_198
"""Any fixed number: two processes that migrate one PostgreSQL database take turns by it."""


def upgrade(database: Database) -> None:
    """Apply every migration that is missing, in one transaction: after a failure the old shape is still there."""
    with database.writer.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        command.upgrade(configuration(connection), "head")


def is_current(database: Database) -> bool:
    """Return whether no migration is missing."""
    with database.reader.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def head() -> str | None:
    """Return the newest revision that this program knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection when one is given."""
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    return config
