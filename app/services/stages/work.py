"""What a stage holds while it runs: its claim, and the only ways to commit."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlmodel import Session

from app.core.crashpoints import crashpoint
from app.core.db import Database
from app.models import Analysis
from app.services import claims, queueing, timeline
from app.services.claims import Claim, ClaimLost
from app.services.stages import plan

SLICE_SECONDS = 5.0
"""After this long a stage gives its slot back when another analysis waits."""

LOOK_SECONDS = 1.0
"""How often it looks whether others wait."""

LONGEST_SECONDS = 120.0
"""After this long it gives the slot back in any case, far below the hard limit of a task."""


class TurnOver(Exception):
    """The stage stops between two commits so that others get their turn; it goes on from its cursor."""


class Work:
    """One claim under way.

    Example:
        with work.commit(cursor={"after": last}, done=n) as (session, analysis):
            session.execute(…)      # rows and cursor: both or neither
    """

    def __init__(self, held: Claim, database: Database) -> None:
        """Start the clock of this turn."""
        self.held = held
        self.database = database
        self.lost = False
        """Set by the heartbeat when the job is no longer ours."""
        self._started = self._looked = time.monotonic()

    @contextmanager
    def commit(self, **values: object) -> Iterator[tuple[Session, Analysis]]:
        """Give a transaction for rows, and write `values` (cursor, done, total) of the job with them.

        Raises:
            ClaimLost: The job is no longer ours; nothing of this transaction stays.
        """
        self.check()
        if "cursor" in values:
            # It got on: what was before counts no more.
            values |= {"attempts": 1, "refused_seconds": 0.0, "in_line_seconds": 0.0}
        with self.database.write() as session:
            analysis = claims.hold(session, self.held, fence=self.held.fence, **values)
            yield session, analysis
            timeline.tell(session, analysis.id, analysis.workspace_id)
            crashpoint("work.committing")

    @contextmanager
    def finish(self, **values: object) -> Iterator[tuple[Session, Analysis]]:
        """Give the last transaction: rows, the job done, and what follows from that."""
        self.check()
        with self.database.write() as session:
            analysis = claims.finish(session, self.held, **values)
            yield session, analysis
            plan.advance(session, analysis)
            crashpoint("finish.committing")
        crashpoint("finish.committed")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Give a session that cannot write."""
        with self.database.read() as session:
            yield session

    @property
    def seconds(self) -> float:
        """How long this turn has lasted."""
        return time.monotonic() - self._started

    def check(self) -> None:
        """Stop when the job was taken away. Raises `ClaimLost`."""
        if self.lost:
            raise ClaimLost(self.held.job_id)

    def pause_for_others(self) -> None:
        """Stop here when the turn is over: to be called right after a commit. Raises `TurnOver`."""
        self.check()
        moment = time.monotonic()
        if moment - self._looked < LOOK_SECONDS:
            return
        self._looked = moment
        elapsed = self.seconds
        if elapsed < LONGEST_SECONDS:
            with self.database.read() as session:
                if not queueing.should_yield(session, self.held.analysis_id, long=elapsed >= SLICE_SECONDS):
                    return
        raise TurnOver(self.held.job_id)


def cursor_of(held: Claim) -> dict[str, Any]:
    """Return the cursor as a plain dict; empty at the start."""
    return dict(held.cursor) if isinstance(held.cursor, Mapping) else {}
