from __future__ import annotations

from pathlib import Path

import pytest

from app.cli import main as door
from app.core.errors import Conflict


def test_every_command_module_can_be_registered(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for name in ("run", "web", "worker", "scheduler", "sandbox", "doctor", "db", "link"):
        assert name in shown


def test_parts_of_commands_are_no_commands() -> None:
    assert "supervisor" not in door.command_modules()
    assert "main" not in door.command_modules()


def test_a_wrong_setting_is_one_sentence_and_code_two(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASTERISM_PUBLIC_URL", "localhost")
    with pytest.raises(SystemExit) as ended:
        door.main(["run"])
    assert ended.value.code == door.WRONG_USE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert captured.err.startswith("ASTERISM_PUBLIC_URL is 'localhost': must be an address")


def test_an_error_of_ours_is_told_without_a_trace(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> object:
        raise Conflict("It is taken: choose another.")

    monkeypatch.setattr(door, "build", broken)
    with pytest.raises(SystemExit) as ended:
        door.main([])
    assert ended.value.code == door.WRONG_USE
    assert capsys.readouterr().err == "It is taken: choose another.\n"


def test_an_unknown_queue_is_refused_before_anything_starts(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        door.main(["worker", "--queues", "collect,nonsense"])
    assert ended.value.code == door.WRONG_USE
    assert "There is no queue 'nonsense'; choose from collect," in capsys.readouterr().err
