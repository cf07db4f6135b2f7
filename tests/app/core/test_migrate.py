"""The migrations make exactly the tables that the models describe, on both databases."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

import app.models  # noqa: F401 - registers every table
from app.core import migrate
from app.core.db import Database, database


def differences(store: Database) -> list[object]:
    with store.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, SQLModel.metadata))


def test_an_empty_database_gets_the_shape_that_the_models_describe(database: Database):
    assert migrate.is_current(database)
    assert differences(database) == []


def test_a_second_upgrade_changes_nothing(data_folder: Path):
    store = database()
    migrate.upgrade(store)
    before = set(inspect(store.writer).get_table_names())
    migrate.upgrade(store)

    assert set(inspect(store.writer).get_table_names()) == before
    assert migrate.is_current(store)


def test_a_fresh_database_is_not_current(data_folder: Path):
    assert not migrate.is_current(database())


def test_of_opportunities_found_before_their_quoted_items_speak_for_them(data_folder: Path):
    store = database()
    with store.writer.begin() as connection:
        command.upgrade(migrate.configuration(connection), "0001")
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for position, (item_id, against) in enumerate([("b", 0), ("b", 0), ("a", 0), ("c", 1)]):
            connection.exec_driver_sql(
                "INSERT INTO evidence (id, analysis_id, opportunity_id, item_id, against, position, quote, start, "
                f"\"end\", verified) VALUES ('{position}', 'x', 'o', '{item_id}', {against}, {position}, '', "
                "0, 0, 'verified')"
            )
        command.upgrade(migrate.configuration(connection), "0002")
        rows = connection.exec_driver_sql("SELECT item_id, position FROM opportunity_item ORDER BY position").all()
        connection.rollback()

    assert [tuple(row) for row in rows] == [("b", 0), ("a", 2)]
