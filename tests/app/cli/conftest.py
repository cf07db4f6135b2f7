"""Who asks, in the tests of the commands that read and write here."""

from __future__ import annotations

import pytest

from app.core.settings import settings
from app.services import sessions


@pytest.fixture
def owner(sqlite_database, monkeypatch):
    """The person whom the program belongs to, where no provider answers."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    with sqlite_database.write() as session:
        return sessions.local_owner(session)
