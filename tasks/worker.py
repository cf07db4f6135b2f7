"""A worker process: Celery with a prefork pool, and a row that says it lives."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence

import structlog
from celery.signals import worker_process_init, worker_ready, worker_shutdown
from sqlmodel import col, delete

from app.core import logging
from app.core.clock import now
from app.core.db import Database, database, database_now
from app.core.jobs import QueueClass
from app.core.settings import settings
from app.models import Worker
from app.services.taking import Slot
from tasks import base
from tasks.celery import app
from tasks.who import worker_name

log = structlog.get_logger(__name__)

BEAT_SECONDS = 3.0


def run(queues: Sequence[str] = (), concurrency: int | None = None) -> None:
    """Work on the queues (all when empty) until TERM; returns when the jobs in hand have ended or given back.

    Args:
        queues: Names of `core.jobs.QueueClass`.
        concurrency: Jobs at the same time; the setting when None.
    """
    config = settings()
    logging.configure(config)
    names = [QueueClass(name).value for name in queues] or [queue.value for queue in QueueClass]
    slots = concurrency or config.worker_concurrency
    presence = Presence(names, slots)
    base.pool = Slot("", pool=worker_name(), queues=tuple(names), slots=slots)
    worker_ready.connect(presence.start, weak=False)
    worker_shutdown.connect(presence.end, weak=False)
    worker_process_init.connect(_prepare_child, weak=False)
    app.worker_main(
        [
            "worker",
            f"--queues={','.join(names)}",
            f"--concurrency={slots}",
            "--pool=prefork",
            f"--hostname=asterism-{os.getpid()}@%h",
            "--without-gossip",  # workers need not know of each other: the database does
            "--without-mingle",
            "--without-heartbeat",
            "--loglevel=WARNING",
        ]
    )


class Presence:
    """Keeps this worker's row fresh, from a thread that never holds a lock while the pool forks."""

    def __init__(self, queues: Sequence[str], concurrency: int) -> None:
        """Remember what to say."""
        self._queues = list(queues)
        self._concurrency = concurrency
        self._stop = threading.Event()
        self._quiet = threading.Lock()
        # A fork while the thread is inside SQLite would copy a held lock into the child.
        os.register_at_fork(
            before=self._quiet.acquire, after_in_parent=self._quiet.release, after_in_child=self._quiet.release
        )

    def start(self, **_: object) -> None:
        """Say that the worker lives, now and every three seconds."""
        threading.Thread(target=self._beat, name="presence", daemon=True).start()

    def end(self, **_: object) -> None:
        """Say that it is gone."""
        self._stop.set()
        with self._quiet:
            try:
                with database().write() as session:
                    session.execute(delete(Worker).where(col(Worker.id) == worker_name()))
            except Exception as error:  # noqa: BLE001 - silence says the same, ten seconds later
                log.warning("worker.farewell_failed", error=str(error))

    def _beat(self) -> None:
        store = database()
        while True:
            with self._quiet:
                try:
                    self._say(store)
                except Exception as error:  # noqa: BLE001 - a database that is away now may be back for the next beat
                    log.warning("worker.beat_failed", error=str(error))
            if self._stop.wait(BEAT_SECONDS):
                return

    def _say(self, store: Database) -> None:
        with store.write() as session:
            row = session.get(Worker, worker_name())
            if row is None:
                row = Worker(
                    id=worker_name(),
                    queues=self._queues,
                    concurrency=self._concurrency,
                    started_at=now(),
                    heartbeat_at=database_now(session),
                )
            row.heartbeat_at = database_now(session)
            session.add(row)


def _prepare_child(**_: object) -> None:
    """Set up logging again in a new child; engines and clients are made anew on first use."""
    logging.configure(settings())
