"""One installation, one ring of keys: a host with another is refused before it does harm."""

from __future__ import annotations

import pytest

from app.core.db import Database
from app.core.errors import SettingsError
from app.core.settings import settings
from app.services import key_ring


def _with_keys(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setenv("ASTERISM_SECRET_KEYS", keys)
    settings.cache_clear()


def test_the_first_process_decides_and_a_host_with_other_keys_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_keys(monkeypatch, "first-key")
    for _ in range(2):
        key_ring.require_same_keys(database)
    _with_keys(monkeypatch, "another-key")
    with pytest.raises(SettingsError, match="ASTERISM_SECRET_KEYS"):
        key_ring.require_same_keys(database)


def test_a_new_key_put_before_the_oldest_is_the_same_ring(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_keys(monkeypatch, "oldest")
    key_ring.require_same_keys(database)
    _with_keys(monkeypatch, "newest, oldest")
    key_ring.require_same_keys(database)


def test_keys_that_are_lost_can_be_replaced_knowingly(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    _with_keys(monkeypatch, "lost")
    key_ring.require_same_keys(database)
    _with_keys(monkeypatch, "found")
    with database.write() as session:
        key_ring.accept(session)
    key_ring.require_same_keys(database)


def test_a_database_that_is_away_does_not_keep_a_process_from_starting(data_folder: object) -> None:
    away = Database("postgresql+psycopg://nobody@127.0.0.1:9/none")
    key_ring.require_same_keys(away)
    away.dispose()
