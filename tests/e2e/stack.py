"""Starts the whole program as a person would, in a data folder of its own, and looks at its processes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli.supervisor.lifeline import MARK

ROOT = Path(__file__).resolve().parents[2]
PORT = 38_731
"""One port for all: the address is baked into the built pages. Tests that use it share an xdist group."""
URL = f"http://localhost:{PORT}"
START_SECONDS = 240.0
BUILD_SECONDS = 900.0
MARKS = (
    pytest.mark.stack,
    pytest.mark.xdist_group("stack"),
    pytest.mark.timeout(900, func_only=True),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at through /proc"),
)
"""What every test of the whole program is marked with."""
LINK = re.compile(r"^Open (http://\S+/welcome\?token=\S+)$", re.MULTILINE)


def until(condition: Callable[[], object], seconds: float, what: str | Callable[[], str]) -> float:
    """Wait for a condition; return how many seconds it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, what if isinstance(what, str) else what()
        time.sleep(0.05)
    return time.monotonic() - begun


class Program:
    """`asterism run` in a temporary data folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ASTERISM_")},
            "ASTERISM_PUBLIC_URL": URL,
            "ASTERISM_DATA_DIR": str(folder),
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self.output = folder.with_name(f"{folder.name}.out")
        self.errors = folder.with_name(f"{folder.name}.err")

    def command(self, *arguments: str, seconds: float = 120.0, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same data folder; it may take so long."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            cwd=ROOT,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self) -> float:
        """Start it; return how many seconds passed until the link was shown."""
        with self.output.open("w") as output, self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "run"],
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=errors,
                stdin=subprocess.DEVNULL,
            )
        return until(self._is_up_or_over, START_SECONDS, self.told)

    def _is_up_or_over(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.told()
        return LINK.search(self.output.read_text()) is not None

    def link(self) -> str:
        """Return the link that it showed."""
        found = LINK.search(self.output.read_text())
        assert found is not None
        return found[1]

    def told(self) -> str:
        """Return all that it said."""
        return self.output.read_text() + self.errors.read_text()

    def interrupt(self) -> float:
        """Press Ctrl-C; return how many seconds passed until it was gone."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        begun = time.monotonic()
        self.process.wait(timeout=15)
        return time.monotonic() - begun

    def processes(self) -> dict[int, str]:
        """Return the command line of each process that works for this folder, except the supervisor."""
        mark = f"{MARK}={self.folder}".encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    found[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return found

    def find(self, kind: str) -> set[int]:
        """Return the processes of one kind (`broker`, `sandbox`, `worker`, `scheduler`, `web`) and their children."""
        word = {"broker": "valkey-server", "web": "granian"}.get(kind, f"app.cli {kind}")
        return {process_id for process_id, line in self.processes().items() if word in line}

    def top(self, kind: str) -> int | None:
        """Return the process of one kind that the supervisor itself started; None while there is none."""
        assert self.process is not None
        return next((found for found in self.find(kind) if parent_of(found) == self.process.pid), None)

    def answers(self) -> bool:
        """Return whether the web server answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/ping", timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False

    def health(self) -> dict[str, str]:
        """Return the state of each part, as `asterism doctor` sees it."""
        result = self.command("doctor", "--json")
        return {check["name"]: check["state"] for check in json.loads(result.stdout)["checks"]}

    def destroy(self) -> None:
        """End whatever still runs and remove the folder."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for process_id in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)
        for file in (self.output, self.errors):
            file.unlink(missing_ok=True)


def parent_of(process_id: int) -> int | None:
    """Return the parent's process id; None when the process is gone."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1])


@contextlib.contextmanager
def program(cache: Path, **environment: str) -> Iterator[Program]:
    """Give a program that is not started yet; whatever happens, nothing of it is left.

    Args:
        cache: Folder that keeps built pages from one test run to the next.
        environment: Further settings.
    """
    with (Path(tempfile.gettempdir()) / f"asterism-test-{os.getuid()}-{PORT}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another checkout's tests on this machine use the same port
        folder = Path(tempfile.mkdtemp(prefix="ast-run-"))
        made = Program(folder, **environment)
        try:
            (folder / "frontend").symlink_to(built_pages(cache))
            yield made
        finally:
            made.destroy()


def built_pages(cache: Path) -> Path:
    """Build the pages for `URL` unless they are built; return the folder to put in a data folder as `frontend`."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        result = Program(cache).command("build", seconds=BUILD_SECONDS)
    assert result.returncode == 0, result.stderr
    return cache / "frontend"
