"""A wrong setting gets a sentence that names it and gives nothing away."""

from __future__ import annotations

import pytest

from app.core.errors import SettingsError
from app.core.settings import settings


def read() -> None:
    settings.cache_clear()
    settings()


def test_a_password_in_a_wrong_address_is_not_shown(data_folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASTERISM_DATABASE_URL", "mysql://user:hunter2@127.0.0.1:1/x")
    with pytest.raises(SettingsError, match="ASTERISM_DATABASE_URL") as caught:
        read()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_form_that_hosters_give_is_taken(data_folder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASTERISM_DATABASE_URL", "postgres://user:word@127.0.0.1:1/x")
    read()
    assert settings().database_url == "postgresql://user:word@127.0.0.1:1/x"


@pytest.mark.parametrize("value", ["my proxy", "10.0.0.1, everybody", "10.0.0.1/8"])
def test_a_proxy_is_an_address_or_a_network(data_folder, monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("ASTERISM_TRUSTED_PROXIES", value)
    with pytest.raises(SettingsError, match=r"ASTERISM_TRUSTED_PROXIES is .* must be addresses"):
        read()
