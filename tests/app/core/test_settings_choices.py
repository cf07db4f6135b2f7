"""A setting with a few possible values says which they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import SettingsError
from app.core.settings import settings


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ASTERISM_SANDBOX", "maybe", "ASTERISM_SANDBOX is 'maybe': must be auto, on or off. Correct it or remove it."),
        ("ASTERISM_DATABASE_URL", "mysql://x", "must start with postgresql:// (or sqlite:/// with a file's path)"),
    ],
)
def test_a_wrong_setting_says_what_it_must_be(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    settings.cache_clear()
    with pytest.raises(SettingsError, match=name) as caught:
        settings()
    assert sentence in str(caught.value)
