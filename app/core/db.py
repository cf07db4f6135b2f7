"""The database: one writer and one reader engine, for SQLite and PostgreSQL alike.

    with database().write() as session:   one transaction, committed at the end, rolled back on an error
    with database().read() as session:    cannot write

SQLite's defaults lose concurrent updates without an error (1,196 of 1,600 in our measurement), so every write
transaction starts with BEGIN IMMEDIATE. Engines are made on first use and again after a fork.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, event, text
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, create_engine

from app.core import clock
from app.core.crashpoints import crashpoint
from app.core.settings import Settings, settings

BEGIN_WRITING = "BEGIN IMMEDIATE"
BUSY_SECONDS = 15.0
"""How long a writer waits for the others on SQLite."""
FIRST_LOOK_SECONDS = 0.001
SHORTEST_LOOK_SECONDS = 0.0005
LOOK_SPEED_UP = 0.001
"""Seconds by which the pause between two looks shrinks with each second waited."""
BEFORE_COMMIT = "asterism.before_commit"
AFTER_COMMIT = "asterism.after_commit"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: timestamptz on PostgreSQL, text that sorts on SQLite; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone reached the database; use core.clock")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read as UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """A writer and a reader engine on one database."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        """Make the engines; connects on first use.

        Args:
            url: SQLAlchemy URL, `sqlite:///…` or `postgresql+psycopg://…`.
            pool_size: Connections kept open by each engine.
        """
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.writer = _sqlite_engine(url, pool_size, read_only=False)
            self.reader = _sqlite_engine(url, pool_size, read_only=True)
        else:
            self.writer = _postgres_engine(url, pool_size, read_only=False)
            self.reader = _postgres_engine(url, pool_size, read_only=True)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Give a session for one transaction: committed at the end, rolled back on an error.

        What `before_commit` collected runs as the transaction's last work; what `after_commit` did, after the commit,
        and never when that failed.
        """
        with Session(self.writer, expire_on_commit=False) as session:
            yield session
            last: dict[str, Callable[[], None]] = session.info.pop(BEFORE_COMMIT, {})
            for name in sorted(last):
                last[name]()
            session.commit()
            actions: list[Callable[[], None]] = session.info.pop(AFTER_COMMIT, [])
        if actions:
            crashpoint("database.committed")
        for action in actions:
            action()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that cannot write and sees one moment of the database."""
        with Session(self.reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def dispose(self) -> None:
        """Close every connection."""
        self.writer.dispose()
        self.reader.dispose()


def before_commit(session: Session, name: str, action: Callable[[], None]) -> None:
    """Run `action` as the last work of the session's transaction, once for a name, in the order of the names.

    For locks that many share: taken last, they are held shortest, and never while another lock is waited for.
    """
    session.info.setdefault(BEFORE_COMMIT, {})[name] = action


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run `action` once the session's transaction is committed; drop it if that fails.

    Messages to the broker and the bus leave this way: nobody may hear of what was rolled back.
    """
    session.info.setdefault(AFTER_COMMIT, []).append(action)


def database_now(session: Session) -> datetime:
    """Return the moment by the clock that leases are measured with.

    On PostgreSQL that is the server's, since workers on several hosts disagree; on SQLite there is one host.
    """
    if session.get_bind().dialect.name == "postgresql":
        moment: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
        return moment.astimezone(UTC)
    return clock.now()


def database_url(config: Settings) -> str:
    """Return the SQLAlchemy URL that the settings mean."""
    if config.database_url is None:
        return f"sqlite:///{config.folder() / 'asterism.sqlite3'}"
    return config.database_url.replace("postgresql://", "postgresql+psycopg://", 1)


def database() -> Database:
    """Return this process's database; after a fork, a new one."""
    return _database(os.getpid())


@cache
def _database(process_id: int) -> Database:
    del process_id
    config = settings()
    url = database_url(config)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Database(url)


def _sqlite_engine(url: str, pool_size: int, *, read_only: bool) -> Engine:
    engine = create_engine(url, poolclass=QueuePool, pool_size=pool_size, max_overflow=8, pool_timeout=20)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
        del record
        connection.isolation_level = None  # we say BEGIN ourselves
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=15000")  # for what is done at connecting, and readers
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA synchronous=FULL")  # publish intents must survive a power cut; costs 14 %
        cursor.execute("PRAGMA cache_size=-16000")
        # A writer waits for its turn by itself, below; a reader need not wait in WAL mode but after a crash.
        cursor.execute("PRAGMA query_only=ON" if read_only else "PRAGMA busy_timeout=0")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own type
        if read_only or not _has_turn(connection.connection.dbapi_connection):
            connection.exec_driver_sql("BEGIN" if read_only else BEGIN_WRITING)

    return engine


def _has_turn(connection: sqlite3.Connection) -> bool:
    """Begin a write transaction as soon as no other is open; False when that took too long.

    SQLite's own way to wait sleeps up to 100 ms between two looks, longer the longer it has waited, so that who came
    last goes first and the file lies idle while all sleep. Here each looks every millisecond, and the more often
    the longer it has waited.
    """
    began = time.monotonic()
    while True:
        try:
            connection.execute(BEGIN_WRITING)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:  # the low byte is what the extended codes share
                return False
        else:
            return True
        waited = time.monotonic() - began
        if waited > BUSY_SECONDS:
            return False
        time.sleep(max(SHORTEST_LOOK_SECONDS, FIRST_LOOK_SECONDS - waited * LOOK_SPEED_UP))


def _postgres_engine(url: str, pool_size: int, *, read_only: bool) -> Engine:
    options = "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
    if read_only:
        options += " -c default_transaction_read_only=on"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 3, "options": options},
    )
