"""One web process for all tests of the wire."""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

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


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port
