"""Telling others what changed: small JSON on Redis channels, after commit, best effort.

Whoever listens re-reads the database; a lost message costs a few seconds, never truth. Channels: `analysis:<id>`,
`workspace:<id>`, `ops`.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

import structlog

from app.core import redis
from app.core.crashpoints import crashpoint

log = structlog.get_logger(__name__)

KEPT_CHANNELS = 1000
"""News that could not leave is kept, the newest of so many channels at most."""
KEPT_SECONDS = 15.0
"""So long: by then every page has read by itself (`topic.LONGEST_SECONDS`)."""
AGAIN_SECONDS = 0.5
"""Between two tries; while this process stands aside from the server a try asks nothing (`core.patient_redis`)."""
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
    keep: str | None = None
    until: float = 0.0


class Courier:
    """A background thread that runs errands to the broker, so that no page and no job waits for it.

    An errand that fails is dropped: the scheduler's sweep and the readers' polling make up for it. One that is sent
    with `keep` is tried again for some seconds instead, unless a newer one of that name has left meanwhile.
    """

    def __init__(self, *, capacity: int = 1000) -> None:
        """Make the queue; the thread starts with the first errand, so that importing this starts none."""
        self._errands: queue.Queue[_Errand] = queue.Queue(capacity)
        self._kept: dict[str, _Errand] = {}
        """Oldest first; only the thread touches it."""
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, name: str, run: Callable[[], object], *, keep: str | None = None) -> None:
        """Queue an errand; when the queue is full the errand is dropped.

        Args:
            name: What the log calls it.
            run: Does it; what it raises means that it failed.
            keep: Try it again when it failed, but only the newest of this name. None drops it.
        """
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="courier", daemon=True)
                self._thread.start()
        try:
            self._errands.put_nowait(_Errand(run, name, keep, time.monotonic() + KEPT_SECONDS))
        except queue.Full:
            log.warning("courier.full", errand=name)

    def settle(self, seconds: float) -> None:
        """Wait until each errand was tried once, at most `seconds`: for commands that end right after."""
        done = threading.Event()
        self.send("settle", done.set)
        done.wait(seconds)

    def forget(self, seconds: float) -> None:
        """Settle, and give up what is kept."""
        self.send("forget", self._kept.clear)
        self.settle(seconds)

    def _work(self) -> None:
        again = 0.0
        while True:
            with suppress(queue.Empty):
                self._try(self._errands.get(timeout=max(0.0, again - time.monotonic()) if self._kept else None))
            if self._kept and time.monotonic() >= again:
                self._try_kept()
                again = time.monotonic() + AGAIN_SECONDS

    def _try(self, errand: _Errand) -> bool:
        try:
            errand.run()
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the next errand goes out
            if errand.keep is None:
                log.warning("courier.failed", errand=errand.name, error=str(error))
            else:
                self._keep(errand.keep, errand)
            return False
        if errand.keep is not None:
            self._kept.pop(errand.keep, None)
        return True

    def _keep(self, name: str, errand: _Errand) -> None:
        if self._kept.get(name) is not errand:
            self._kept.pop(name, None)  # the newest goes to the end
            self._kept[name] = errand
        if len(self._kept) > KEPT_CHANNELS:
            del self._kept[next(iter(self._kept))]

    def _try_kept(self) -> None:
        """Try what is kept, the oldest first, until one fails: then the server is not back."""
        now = time.monotonic()
        for name, errand in list(self._kept.items()):
            if errand.until < now:
                log.debug("courier.gave_up", errand=errand.name, kept=name)
                del self._kept[name]
            elif not self._try(errand):
                return


def courier() -> Courier:
    """Return this process's courier; after a fork, a new one."""
    return _courier(os.getpid())


def publish(channel: str, message: dict[str, object]) -> None:
    """Send a message to all who listen now. Returns at once; call it after commit.

    Args:
        channel: On which.
        message: Plain JSON.

    While the server does not answer the newest message of each channel is kept for some seconds: pages that hear the
    bus read only when they are told, so one slow call must not cost them what came after it.
    """
    body = json.dumps(message, separators=(",", ":"), default=str)

    def leave() -> None:
        crashpoint("bus.publishing")
        redis.connection().publish(CHANNEL_PREFIX + channel, body)

    courier().send("publish", leave, keep=channel)


@cache
def _courier(process_id: int) -> Courier:
    del process_id
    return Courier()
