"""One supervised part: how it is started, where its lines go, when it is started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from app.cli.supervisor.lifeline import MARK, tie_to_parent
from app.cli.supervisor.logfile import RotatingLog, tells_of_trouble, without_numbers

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A part that ran this long is well again: its next restart is quick."""
REPEAT_SECONDS = 60.0
"""The same warning is shown once in this time; the log file has them all."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a child is. `environment` is added to the supervisor's own."""

    name: str
    """Short: names the log file and starts each line shown (`worker`)."""
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    """Working directory; None keeps the supervisor's."""
    parent_gone: signal.Signals = signal.SIGKILL
    """What the part is sent when the supervisor was killed."""
    quiet: bool = False
    """Keep its warnings in the log file."""
    speaks: bool = False
    """Show its lines that start with `* ` instead of its warnings: it talks to the person itself."""
    ready: bytes = b""
    """What it writes once it is ready; empty when it says nothing."""
    secret: bool = False
    """Keep what it writes out of the log file."""


class Child:
    """A part that has been started at least once."""

    def __init__(self, part: Part, folder: Path, say: Callable[[str], None]) -> None:
        """Open the log; nothing runs yet.

        Args:
            part: What it is.
            folder: The data folder.
            say: Shows a person one line.
        """
        self.part = part
        self.starts = 0
        self.output: list[bytes] = []
        """Last lines of the present run, at most 50."""
        self._data_folder = folder
        self._say = say
        self._log = RotatingLog(folder / "logs" / f"{part.name}.log")
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._pause = FIRST_PAUSE_SECONDS
        self.was_ready = False
        """Whether it has written its line of readiness since its last start."""
        self._tail = b""
        self._last_line = b""
        self._shown: dict[bytes, float] = {}

    @property
    def process_id(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process is not None else None

    def start(self) -> int:
        """Start it, in a process group of its own so that Ctrl-C reaches us alone; return its output's descriptor."""
        parent = os.getpid()
        self._log.write(f"--- {time.strftime('%Y-%m-%dT%H:%M:%S%z')} started\n".encode())
        self._process = subprocess.Popen(  # noqa: S603 - our own commands
            list(self.part.command),
            env={**os.environ, **self.part.environment, MARK: str(self._data_folder)},
            cwd=self.part.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=lambda: tie_to_parent(parent, self.part.parent_gone),  # noqa: PLW1509 - we have one thread
        )
        self.starts += 1
        self.output = []
        self.was_ready = False
        self._started_at = time.monotonic()
        descriptor = self._process.stdout.fileno() if self._process.stdout else -1
        os.set_blocking(descriptor, False)
        return descriptor

    def read(self) -> bool:
        """Take what it has written; return False at the end of its output."""
        if self._process is None or self._process.stdout is None:
            return False
        try:
            data = os.read(self._process.stdout.fileno(), 65_536)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self._take(data)
        return bool(data)

    def ended(self) -> int | None:
        """Return its exit code when it has ended, minus the signal's number when one ended it; None while it runs."""
        return self._process.poll() if self._process is not None else 0

    def put_away(self) -> None:
        """Take its last words, and end what it has left behind in its process group."""
        process = self._process
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):  # a process in uninterruptible sleep ends when it wakes
            process.wait(timeout=2)
        if process.stdout is not None:
            for _ in range(20):
                if not self.read():
                    break
            process.stdout.close()
        if self._tail:
            self._take(b"\n")
        self._process = None

    def send(self, sign: signal.Signals) -> None:
        """Send a signal: KILL to its whole group, any other to the process alone, which knows what to do."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sign == signal.SIGKILL:
                os.killpg(self._process.pid, sign)
            self._process.send_signal(sign)

    def next_pause(self) -> float:
        """Return how many seconds to wait before the next start: doubled each time, short again after a steady run."""
        if time.monotonic() - self._started_at >= STEADY_SECONDS:
            self._pause = FIRST_PAUSE_SECONDS
        pause = self._pause
        self._pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return pause

    def close(self) -> None:
        """Close the log."""
        self._log.close()

    def last_line(self) -> str:
        """Return the last line that it wrote, for a sentence about why it ended."""
        return self._last_line.decode(errors="replace").strip()[:300] or "it wrote nothing"

    def _take(self, data: bytes) -> None:
        if not self.part.secret:
            self._log.write(data)
        *lines, self._tail = (self._tail + data).split(b"\n")
        self._tail = self._tail[-10_000:]
        self.output = [*self.output, *lines][-50:]
        self.was_ready = self.was_ready or any(self.part.ready in line for line in lines if self.part.ready)
        for line in lines:
            self._last_line = line if line.strip() else self._last_line
            if self.part.speaks:
                if line.startswith(b"* "):
                    self._say(line[2:].decode(errors="replace"))
            elif not self.part.quiet and tells_of_trouble(line):
                self._show(line)

    def _show(self, line: bytes) -> None:
        now = time.monotonic()
        kind = without_numbers(line)
        if now - self._shown.get(kind, -REPEAT_SECONDS) < REPEAT_SECONDS:
            return
        if len(self._shown) > 1000:
            self._shown.clear()
        self._shown[kind] = now
        self._say(f"{self.part.name}: {line.decode(errors='replace').rstrip()[:500]}")
