"""A process that has read the modules once and starts workers and schedulers by forking, as a pool does its children.

    test ──"start", "poll"──▶ nursery ──fork──▶ worker, scheduler (sessions of their own; they die with the nursery)

Reading the modules takes two seconds of a processor, and a run of all scenarios starts hundreds of processes. What they
do from the first line of `tests.chaos.process` on is the same: no setting, client or line is made before the fork.
"""

from __future__ import annotations

import atexit
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tasks import registry
from tests.chaos import process

READ = (
    *("tasks.base", "tasks.scheduler", "tasks.registry", "app.core.jobs", "app.services.claims", "app.services.upkeep"),
    *("celery.apps.worker", "celery.bin.worker", "celery.concurrency.prefork", "celery.worker.consumer"),
    *("celery.loaders.app", "celery.fixups.django", "kombu.transport.redis", "psycopg", "sqlalchemy.dialects.sqlite"),
    *("sqlalchemy.dialects.postgresql", *registry._MODULES.values()),
)
"""What workers and schedulers read; not `tasks.celery`, which reads the settings."""

ROOT = Path(__file__).parents[2]


class Forked:
    """A process that the nursery started; waits and looks like `subprocess.Popen`."""

    def __init__(self, nursery: Nursery, process_id: int) -> None:
        """Remember who reaps it."""
        self.pid = process_id
        self._nursery = nursery
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code; None while it runs."""
        if self._code is None:
            self._code = self._nursery.told({"poll": self.pid})
        return self._code

    def wait(self, timeout: float) -> int:
        """Return the exit code as soon as it has ended.

        Raises:
            subprocess.TimeoutExpired: It still runs after so many seconds.
        """
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return code


class Nursery:
    """This side of it: started on first use, ended with the process that uses it."""

    def __init__(self) -> None:
        """Start it."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.nursery", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
                preexec_fn=process.die_with_parent,  # noqa: PLW1509 - one system call, no lock
            )
        self._link = ours.makefile("rwb")
        self._alone = threading.Lock()

    def start(self, *arguments: str, environment: Mapping[str, str], log: Path) -> Forked:
        """Start `tests.chaos.process` with these arguments; its words go to the end of `log`."""
        wanted = {"arguments": arguments, "environment": dict(environment), "log": str(log)}
        return Forked(self, self.told({"start": wanted}))

    def told(self, wish: Mapping[str, Any]) -> Any:
        """Return what it answers."""
        with self._alone:
            self._link.write(json.dumps(wish).encode() + b"\n")
            self._link.flush()
            return json.loads(self._link.readline())

    def close(self) -> None:
        """End it, and with it what it started."""
        self._link.close()
        self._process.wait(10)


@cache
def nursery() -> Nursery:
    """Return this process's own."""
    started = Nursery()
    atexit.register(started.close)
    return started


def main() -> None:
    """Read the modules, then start and reap what is asked for until the other side is gone."""
    for name in READ:
        importlib.import_module(name)
    with socket.socket(fileno=int(sys.argv[1])) as link:
        wanted = _serve(link)
    if wanted is not None:
        _become(wanted)


def _serve(link: socket.socket) -> dict[str, Any] | None:
    """Return, in a child, what it has to be; None in the nursery when nobody asks any more."""
    with link.makefile("rwb") as lines:
        for line in lines:
            wish = json.loads(line)
            if "start" in wish:
                answer: int | None = os.fork()
                if answer == 0:
                    return wish["start"]
            else:
                ended, status = os.waitpid(wish["poll"], os.WNOHANG)
                answer = os.waitstatus_to_exitcode(status) if ended else None
            lines.write(json.dumps(answer).encode() + b"\n")
            lines.flush()
    return None


def _become(wanted: dict[str, Any]) -> None:
    os.setsid()
    process.die_with_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with Path(wanted["log"]).open("ab") as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    from app.core import crashpoints

    crashpoints._armed = crashpoints.armed(os.environ.get(crashpoints.SETTING, ""))
    sys.argv = ["tests.chaos.process", *wanted["arguments"]]
    process.main()


if __name__ == "__main__":
    main()
