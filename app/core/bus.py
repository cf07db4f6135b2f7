"""Telling others what changed: small JSON on Redis channels, after commit, best effort.

Whoever listens re-reads the database; a lost message costs a few seconds, never truth. Channels: `analysis:<id>`,
`workspace:<id>`, `ops`.
"""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import structlog

from app.core import redis
from app.core.crashpoints import crashpoint

log = structlog.get_logger(__name__)

CHANNEL_PREFIX = "asterism:"
OPS = "ops"


def analysis_channel(analysis_id: str) -> str:
    """Return the channel that speaks of one analysis."""
    return f"analysis:{analysis_id}"


def workspace_channel(workspace_id: str) -> str:
    """Return the channel that speaks of everything in one workspace."""
    return f"workspace:{workspace_id}"


def session_channel() -> str:
    """Return the channel that says which sessions have ended."""
    return "sessions"


@dataclass(frozen=True, slots=True)
class _Errand:
    run: Callable[[], object]
    name: str


class Courier:
    """A background thread that runs errands to the broker, so that no page and no job waits for it.

    An errand that fails is logged and dropped: the scheduler's sweep and the readers' polling make up for it.
    """

    def __init__(self, *, capacity: int = 1000) -> None:
        """Make the queue; the thread starts with the first errand, so that importing this starts none."""
        self._errands: queue.Queue[_Errand] = queue.Queue(capacity)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, name: str, run: Callable[[], object]) -> None:
        """Queue an errand; when the queue is full the errand is dropped."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
                self._thread.start()
        try:
            self._errands.put_nowait(_Errand(run, name))
        except queue.Full:
            log.warning("courier.full", errand=name)

    def settle(self, seconds: float) -> None:
        """Wait until all errands are done, at most `seconds`: for commands that end right after."""
        done = threading.Event()
        self.send("settle", done.set)
        done.wait(seconds)

    def _work(self) -> None:
        while True:
            errand = self._errands.get()
            try:
                errand.run()
            except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the next errand goes out
                log.warning("courier.failed", errand=errand.name, error=str(error))


def courier() -> Courier:
    """Return this process's courier; after a fork, a new one."""
    return _courier(os.getpid())


def publish(channel: str, message: dict[str, object]) -> None:
    """Send a message to all who listen now. Returns at once; call it after commit."""
    body = json.dumps(message, separators=(",", ":"), default=str)

    def leave() -> None:
        crashpoint("bus.publishing")
        server = redis.connection()
        if not server.aside:  # who listens polls meanwhile
            server.publish(CHANNEL_PREFIX + channel, body)

    courier().send("publish", leave)


@cache
def _courier(process_id: int) -> Courier:
    del process_id
    return Courier()
