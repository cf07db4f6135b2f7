"""The sign of life of a running job, from a thread beside its handler."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

import structlog
from sqlmodel import col, select

from app.core.crashpoints import crashpoint
from app.models import Job, JobStatus
from app.services import claims
from app.services.stages.work import Work

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How soon a running job notices that it was paused, cancelled or given away."""


class Heartbeat:
    """Extends the lease every third of its length, and looks every second whether the job is still ours."""

    def __init__(self, work: Work, *, lease_seconds: float) -> None:
        """Prepare; the thread starts on entry."""
        self._work = work
        self._lease = lease_seconds
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

    def _beat(self) -> None:
        every = min(LOOK_SECONDS, self._lease / 3)
        due = self._lease / 3
        waited = 0.0
        while not self._stop.wait(every):
            waited += every
            try:
                held = self._extend() if waited >= due else self._look()
            except Exception as error:  # noqa: BLE001 - a database that is away now may be back for the next beat
                log.warning("heartbeat.failed", error=str(error))
                continue
            if waited >= due:
                waited = 0.0
            if not held:
                self._work.lost = True
                return

    def _extend(self) -> bool:
        crashpoint("heartbeat.extending")
        with self._work.database.write() as session:
            return claims.beat(session, self._work.held, lease_seconds=self._lease)

    def _look(self) -> bool:
        held = self._work.held
        with self._work.database.read() as session:
            row = session.exec(
                select(Job.id).where(
                    Job.id == held.job_id, col(Job.fence) == held.fence, Job.status == JobStatus.RUNNING
                )
            ).first()
        return row is not None
