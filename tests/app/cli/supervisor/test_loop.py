"""The loop with real, tiny children."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.supervisor import loop
from app.cli.supervisor.child import Part
from app.cli.supervisor.folder import prepare
from app.cli.supervisor.loop import Stopped, Supervisor
from app.core.errors import Unavailable
from tests.e2e.stack import until


def python(name: str, code: str, **facts: object) -> Part:
    return Part(name, [sys.executable, "-c", code], **facts)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    prepare(tmp_path)
    with Supervisor(tmp_path, said.append) as found:
        yield found


def alive(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_part_that_is_killed_is_started_again_and_that_is_said(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start(python("sleeper", "import time; time.sleep(60)"))
    first = child.process_id
    assert first is not None
    os.kill(first, signal.SIGKILL)
    supervisor.wait(lambda: child.process_id not in {None, first}, seconds=10, child=child)
    assert said == ["sleeper was ended by signal KILL; it is started again in 0.25 s"]


def test_a_part_that_never_gets_ready_is_given_up_with_its_last_line(supervisor: Supervisor) -> None:
    child = supervisor.start(python("broken", "import sys; sys.exit('no disk')"))
    with pytest.raises(Unavailable, match=r"broken does not start: no disk \(more in .*broken.log\)"):
        supervisor.wait(lambda: False, seconds=20, child=child)


def test_pauses_between_restarts_grow(supervisor: Supervisor) -> None:
    child = supervisor.start(python("sleeper", "import time; time.sleep(60)"))
    assert [child.next_pause() for _ in range(9)] == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]


def test_a_step_returns_its_lines_and_a_failed_one_its_reason(supervisor: Supervisor) -> None:
    assert supervisor.run(python("step", "print('one'); print('two')"), seconds=60) == ["one", "two"]
    with pytest.raises(Unavailable, match="step failed: gone wrong"):
        supervisor.run(python("step", "import sys; sys.exit('gone wrong')"), seconds=60)


def test_a_step_that_takes_too_long_is_ended(supervisor: Supervisor) -> None:
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="step took longer than"):
        supervisor.run(python("step", "import time; time.sleep(60)"), seconds=0.3)
    assert time.monotonic() - begun < 40


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc")
def test_stopping_ends_those_that_ignore_it_and_what_they_started(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "TERM_SECONDS", 0.3)
    child = supervisor.start(
        python(
            "stubborn",
            "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
            "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True);"
            "time.sleep(60)",
        )
    )
    supervisor.wait(lambda: bool(child.output), seconds=10, child=child)
    processes = [child.process_id, int(child.output[0])]
    supervisor.stop()
    for process_id in processes:
        assert process_id is not None
        until(lambda process_id=process_id: not alive(process_id), 5, "it outlived the stop")


def test_a_signal_ends_the_watch(supervisor: Supervisor) -> None:
    supervisor.start(python("sleeper", "import time; time.sleep(60)"))
    os.kill(os.getpid(), signal.SIGTERM)
    supervisor.watch()
    with pytest.raises(Stopped):
        supervisor.run(python("late", "import time; time.sleep(60)"), seconds=60)


def test_warnings_are_shown_once_and_the_rest_is_in_the_log(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    lines = "for n in range(3): print(f'12:0{n} WARNING disk {n} is slow'); print('a plain line')"
    supervisor.run(python("talker", lines), seconds=60)
    assert said == ["talker: 12:00 WARNING disk 0 is slow"]
    assert (tmp_path / "logs" / "talker.log").read_text().count("slow") == 3
