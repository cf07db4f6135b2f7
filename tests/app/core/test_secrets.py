"""The key ring from the settings and from the data folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.secrets import KEY_FILE, secret_keys
from app.core.settings import Settings


def test_keys_that_are_set_are_taken_in_their_order(tmp_path: Path):
    assert secret_keys(Settings(data_dir=tmp_path, secret_keys="new, old ,")) == ["new", "old"]
    assert not (tmp_path / KEY_FILE).exists()


@pytest.mark.parametrize("empty", ["", " , "])
def test_an_empty_setting_is_as_none_so_a_key_is_made_and_kept(tmp_path: Path, empty: str):
    made = secret_keys(Settings(data_dir=tmp_path, secret_keys=empty))
    assert len(made) == 1
    assert secret_keys(Settings(data_dir=tmp_path)) == made
