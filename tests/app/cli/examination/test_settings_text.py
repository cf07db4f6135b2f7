from __future__ import annotations

from pathlib import Path

import pytest

from app.cli.examination.settings_text import env_text, setting_names
from app.core.settings import Settings

EXAMPLE = Path(__file__).resolve().parents[4] / ".env.example"


def test_the_example_file_is_what_the_command_prints() -> None:
    assert EXAMPLE.read_text(encoding="utf-8") == env_text(), "run: asterism env-example > .env.example"


def test_every_setting_is_in_it() -> None:
    names = setting_names()
    assert {f"ASTERISM_{name.upper()}" for name in Settings.model_fields} <= set(names)
    assert "ASTERISM_REDDIT_CLIENT_SECRET" in names
    assert len(names) == len(set(names))


def test_taken_whole_it_changes_nothing(data_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ASTERISM_DATA_DIR")
    uncommented = [
        line.removeprefix("# ")
        for line in env_text().splitlines()
        if line.startswith("# ASTERISM_") and not line.endswith("=")
    ]
    file = tmp_path / "all.env"
    file.write_text("\n".join(uncommented), encoding="utf-8")
    assert Settings(_env_file=file) == Settings(_env_file=None)
