"""Writers of SQLite wait for each other, and no longer than is promised."""

from __future__ import annotations

import sqlite3
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.core import db
from app.core.db import Database


def test_a_writer_begins_when_the_other_has_ended(sqlite_database: Database):
    order = []
    waits = threading.Event()

    def second() -> None:
        waits.set()
        with sqlite_database.write() as session:
            session.connection()
            order.append("second")

    with sqlite_database.write() as session:
        session.connection()
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(30)
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"]


def test_a_writer_that_waits_too_long_says_so_and_its_connection_is_good_again(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.02)
    with sqlite_database.write() as holder:
        holder.connection()
        with pytest.raises(OperationalError, match="locked"), sqlite_database.write() as session:
            session.connection()
    with sqlite_database.write() as session:
        assert session.connection().execute(text("SELECT 1")).scalar_one() == 1


def test_another_fault_at_the_beginning_is_not_waited_out(sqlite_database: Database):
    with Session(sqlite_database.writer) as session:
        raw = session.connection().connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        assert not db._has_turn(raw), "a transaction within a transaction"
