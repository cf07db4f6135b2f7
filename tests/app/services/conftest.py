"""Services need a source that can be asked, and a broker to send to; neither is called here."""

from __future__ import annotations

import pytest

from app.core.settings import settings


@pytest.fixture(autouse=True)
def sandbox_named(data_folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name a sandbox, so that requests are accepted; nothing listens there."""
    monkeypatch.setenv("ASTERISM_SANDBOX_URL", "http://127.0.0.1:9")
    settings.cache_clear()
