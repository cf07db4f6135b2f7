"""The scheduler: a small process that reads the database, never the broker. Two of them are harmless."""

from __future__ import annotations

import signal
import threading
import time

import structlog

from app.core import bus, logging
from app.core.crashpoints import crashpoint
from app.core.db import database
from app.core.settings import settings
from app.services import upkeep
from tasks.who import is_gone

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often it looks for jobs whose process on this host has died."""


def run() -> None:
    """Sweep until TERM or INT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.configure(settings())
    loop(stop, sweep_seconds=settings().sweep_seconds)


def loop(stop: threading.Event, *, sweep_seconds: float) -> None:
    """Sweep every `sweep_seconds` until `stop` is set; an error is logged and the next round comes."""
    store = database()
    due = 0.0
    while not stop.is_set():
        crashpoint("scheduler.round")
        try:
            upkeep.forget_dead(store, is_gone)
            upkeep.reclaim_orphans(store, is_gone)
            if time.monotonic() >= due:
                upkeep.sweep(store, sweep_seconds=sweep_seconds)
                bus.publish(bus.OPS, {"swept": True})  # workers fall silent without a word: who watches looks again
                due = time.monotonic() + sweep_seconds
        except Exception as error:  # noqa: BLE001 - whatever fails now, the next round may succeed
            log.warning("sweep.failed", error=str(error))
        stop.wait(min(LOOK_SECONDS, sweep_seconds))
