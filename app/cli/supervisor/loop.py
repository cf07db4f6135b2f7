"""The one thread that watches all children: their output, their ends, and the signals that stop us."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Self

from app.cli.supervisor.child import Child, Part
from app.core.errors import Unavailable

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TERM_SECONDS = 6.0
"""What parts get to end by themselves before they are killed; with the broker's share it stays below ten seconds."""
LAST_SECONDS = 2.0
"""The same for the parts that others lean on, which end last."""
GIVE_UP_STARTS = 4
"""A part that ends this often before it was ever ready will not become so."""


class Stopped(Exception):
    """A person or the system asked us to stop."""


class Supervisor:
    """Starts parts, restarts those that end, stops all. Use it as a context manager, in the main thread.

    with Supervisor(folder, say) as supervisor:
        supervisor.start(Part("worker", […]))
        supervisor.wait(lambda: ready(), seconds=30, what="the worker")
        supervisor.watch()      # until Ctrl-C or TERM
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Set up; nothing runs yet.

        Args:
            folder: The data folder, prepared.
            say: Shows a person one line.
        """
        self._folder = folder
        self._say = say
        self._children: dict[str, Child] = {}
        self._due: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self._stops = 0
        self._before_restart: dict[str, Callable[[], None]] = {}
        self._old_handlers: dict[int, object] = {}

    def __enter__(self) -> Self:
        """Take over the signals."""
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        os.set_blocking(self._wake_write, False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, None)
        self._old_wakeup = signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for sign in STOP_SIGNALS:
            self._old_handlers[sign] = signal.signal(sign, self._asked_to_stop)
        self._old_handlers[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _wake)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every part and give the signals back."""
        self.stop()
        for sign, handler in self._old_handlers.items():
            signal.signal(sign, handler)  # type: ignore[arg-type]  # what signal.signal returned
        signal.set_wakeup_fd(self._old_wakeup)
        self._selector.close()
        os.close(self._wake_read)
        os.close(self._wake_write)

    def start(self, part: Part, *, before_restart: Callable[[], None] | None = None) -> Child:
        """Start a part that shall run as long as we do.

        Args:
            part: What to run.
            before_restart: Called each time before it is started again.
        """
        child = Child(part, self._folder, self._say)
        self._children[part.name] = child
        if before_restart is not None:
            self._before_restart[part.name] = before_restart
        self._launch(child)
        return child

    def run(self, part: Part, *, seconds: float) -> list[str]:
        """Run a part to its end, watching the others meanwhile; return the lines that it wrote.

        Raises:
            Unavailable: It failed or took too long; the message holds its last line.
            Stopped: We were asked to stop.
        """
        child = Child(part, self._folder, self._say)
        self._launch(child)
        deadline = time.monotonic() + seconds
        try:
            while child.ended() is None and time.monotonic() < deadline:
                self._turn(0.2)
            code = child.ended()
        finally:
            self._forget(child)
            child.close()
        if code is None:
            raise Unavailable(f"{part.name} took longer than {seconds:.0f} seconds; see {self.log_of(part.name)}.")
        if code:
            raise Unavailable(f"{part.name} failed: {child.last_line()} (more in {self.log_of(part.name)})")
        return [line.decode(errors="replace") for line in child.output]

    def wait(self, ready: Callable[[], bool], *, seconds: float, child: Child) -> None:
        """Watch until a part is ready.

        Raises:
            Unavailable: It ended too often or took too long; the message holds its last line.
            Stopped: We were asked to stop.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            if child.starts >= GIVE_UP_STARTS or time.monotonic() > deadline:
                raise Unavailable(
                    f"{child.part.name} does not start: {child.last_line()} (more in {self.log_of(child.part.name)})"
                )
            self._turn(0.05)

    def watch(self) -> None:
        """Watch until we are asked to stop."""
        with contextlib.suppress(Stopped):
            while True:
                self._turn(5.0)

    def stop(self, *, last: Sequence[str] = ("sandbox", "broker")) -> None:
        """End every part: TERM, and KILL for what is not gone in time; those in `last` after the others.

        A second request to stop kills at once.
        """
        self._due.clear()
        self._end([child for name, child in self._children.items() if name not in last], TERM_SECONDS)
        for name in last:
            self._end([child for child in (self._children.get(name),) if child is not None], LAST_SECONDS)
        for child in self._children.values():
            child.close()
        self._children.clear()

    def log_of(self, name: str) -> Path:
        """Return the log file of a part."""
        return self._folder / "logs" / f"{name}.log"

    def processes(self) -> dict[str, int]:
        """Return the process id of each part that runs."""
        return {name: child.process_id for name, child in self._children.items() if child.process_id is not None}

    def _end(self, children: list[Child], seconds: float) -> None:
        if not children:
            return
        asked = self._stops
        for child in children:
            child.send(signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(child.ended() is None for child in children):
            if time.monotonic() > deadline or self._stops > max(asked, 1):
                for child in _running(children):
                    child.send(signal.SIGKILL)
                deadline = time.monotonic() + 1
            self._listen(0.1)
        for child in children:
            self._forget(child)

    def _turn(self, seconds: float) -> None:
        now = time.monotonic()
        nearest = min((moment - now for moment in self._due.values()), default=seconds)
        self._listen(max(0.0, min(seconds, nearest)))
        if self._stops:
            raise Stopped
        for name, child in self._children.items():
            if name in self._due:
                if self._due[name] <= time.monotonic():
                    del self._due[name]
                    self._relaunch(child)
            elif (code := child.ended()) is not None:
                self._forget(child)
                pause = child.next_pause()
                self._due[name] = time.monotonic() + pause
                self._say(f"{name} {_how_it_ended(code)}; it is started again in {pause:g} s")

    def _relaunch(self, child: Child) -> None:
        prepare = self._before_restart.get(child.part.name)
        if prepare is not None:
            prepare()
        self._launch(child)

    def _launch(self, child: Child) -> None:
        self._selector.register(child.start(), selectors.EVENT_READ, child)

    def _forget(self, child: Child) -> None:
        for key in list(self._selector.get_map().values()):
            if key.data is child:
                self._selector.unregister(key.fd)
        child.put_away()

    def _listen(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 512)
            elif not key.data.read():
                self._selector.unregister(key.fd)

    def _asked_to_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._stops += 1


def _running(children: list[Child]) -> Iterator[Child]:
    return (child for child in children if child.ended() is None)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by signal {signal.Signals(-code).name.removeprefix('SIG')}"
    return f"ended with exit code {code}"


def _wake(number: int, frame: FrameType | None) -> None:
    """Do nothing: that a signal came wakes the loop through its pipe."""
    del number, frame
