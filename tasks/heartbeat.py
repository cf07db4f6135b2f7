"""The sign of life of running jobs, from a thread beside their handlers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import structlog
from sqlmodel import col, select

from app.core.crashpoints import crashpoint
from app.core.db import Database
from app.models import Job, JobStatus
from app.services import claims
from app.services.claims import Claim
from app.services.stages.work import Work

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How soon a running job notices that it was paused, cancelled or given away."""


class Heartbeat:
    """Extends the lease of the job that runs every third of its length, and looks every second whether it is ours.

    One thread serves all jobs that a process took together, one after another.
    """

    def __init__(self, database: Database, *, lease_seconds: float, late: Callable[[], None]) -> None:
        """Prepare; the thread starts on entry.

        Args:
            database: Where.
            lease_seconds: How long silence is tolerated.
            late: Called at every beat, in the thread: gives back what was taken together and should have begun by now.
        """
        self._database = database
        self._lease = lease_seconds
        self._late = late
        self._work: Work | None = None
        self._due = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> Self:
        """Start beating."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait for a beat under way."""
        del kind, error, trace
        self._stop.set()
        self._thread.join(5)

    @contextmanager
    def of(self, work: Work) -> Iterator[None]:
        """Beat for this job until the block ends."""
        self._due = time.monotonic() + self._lease / 3
        self._work = work
        try:
            yield
        finally:
            self._work = None

    def _beat(self) -> None:
        every = min(LOOK_SECONDS, self._lease / 3)
        while not self._stop.wait(every):
            try:
                work = self._work
                if work is not None and not work.lost:
                    self._beat_for(work)
                self._late()
            except Exception as error:  # noqa: BLE001 - a database that is away now may be back for the next beat
                log.warning("heartbeat.failed", error=str(error))

    def _beat_for(self, work: Work) -> None:
        if time.monotonic() < self._due:
            held = self._look(work.held)
        else:
            held = self._extend(work.held)
            self._due = time.monotonic() + self._lease / 3
        if not held:
            work.lost = True  # of one that has ended meanwhile too, and nobody asks it any more

    def _extend(self, held: Claim) -> bool:
        crashpoint("heartbeat.extending")
        with self._database.write() as session:
            return claims.beat(session, held, lease_seconds=self._lease)

    def _look(self, held: Claim) -> bool:
        with self._database.read() as session:
            row = session.exec(
                select(Job.id).where(
                    Job.id == held.job_id, col(Job.fence) == held.fence, Job.status == JobStatus.RUNNING
                )
            ).first()
        return row is not None
