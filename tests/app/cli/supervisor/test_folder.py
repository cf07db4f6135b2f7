from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.supervisor import folder as data_folder_module
from app.cli.supervisor.folder import end_leftovers, only_one, prepare, running_url
from app.cli.supervisor.lifeline import MARK
from app.core.errors import Conflict, SettingsError


def test_a_file_in_place_of_the_folder_is_one_clear_sentence(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("not a folder")
    with pytest.raises(SettingsError, match=r"data folder .*/data cannot be written .*ASTERISM_DATA_DIR"):
        prepare(file)


@pytest.mark.skipif(not Path("/proc/sys").is_dir(), reason="needs a folder that not even root can write: /proc/sys")
def test_a_read_only_folder_is_one_clear_sentence() -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        prepare(Path("/proc/sys/asterism"))


def test_a_second_start_learns_where_the_first_one_is(tmp_path: Path) -> None:
    prepare(tmp_path)
    with only_one(tmp_path, "http://localhost:3000"):
        assert running_url(tmp_path) == "http://localhost:3000"
        with (
            pytest.raises(Conflict, match="already running here: open http://localhost:3000"),
            only_one(tmp_path, "http://localhost:3001"),
        ):
            pass
    assert running_url(tmp_path) is None
    with only_one(tmp_path, "http://localhost:3001"):
        pass


def test_the_folder_is_private(tmp_path: Path) -> None:
    prepare(tmp_path / "data")
    assert (tmp_path / "data" / "run").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform != "linux", reason="leftovers are found through /proc")
def test_only_what_carries_the_folders_name_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    monkeypatch.setattr(data_folder_module, "GRACE_SECONDS", 0.2)
    ours, other = (
        subprocess.Popen([sys.executable, "-c", stubborn], env={**os.environ, MARK: mark}, stdout=subprocess.PIPE)
        for mark in (str(tmp_path), f"{tmp_path}-other")
    )
    with ours, other:
        for process in (ours, other):
            assert process.stdout is not None
            process.stdout.readline()
        assert end_leftovers(tmp_path) == 1
        assert ours.wait(timeout=5) == -signal.SIGKILL
        assert other.poll() is None
        other.kill()
