"""How far it is: stages, queue, jobs, timeline."""

from __future__ import annotations

from typing import Any, Literal

from app.services.contract.basics import Contract, Moment


class StageJobs(Contract):
    """How many jobs are in which state."""

    done: int = 0
    running: int = 0
    waiting: int = 0
    paused: int = 0
    dead: int = 0


class StageProgress(Contract):
    """How far one stage is."""

    stage: str
    state: Literal["waiting", "running", "done", "failed", "skipped", "cancelled"]
    done: int = 0
    total: int | None = None
    fraction: float = 0.0


class QueueView(Contract):
    """Where an analysis stands in line, and why it waits."""

    place: int | None = None
    """1 is next; None when nothing of it waits."""
    wait_seconds: tuple[int, int] | None = None
    why: str | None = None
    workers_free: int
    workers_total: int


class ProgressView(Contract):
    """How far the whole is, weighted by expected work."""

    overall: float
    stage: str
    stages: list[StageProgress]
    jobs: StageJobs
    queue: QueueView
    expected_end: tuple[Moment, Moment] | None = None
    """When it likely ends and when at the latest, by what was estimated before it began; null where that says nothing:
    without an estimate, before it began, and once it has stood still."""


class DegradedView(Contract):
    """A part that ran, or runs, with something less than it should."""

    feature: str
    since: Moment
    instead: str


class JobView(Contract):
    """One unit of work."""

    id: str
    kind: str
    queue: str
    label: str
    status: str
    provider: str | None
    token_source: str | None
    done: int
    total: int | None
    attempts: int
    max_attempts: int
    worker: str | None
    error: str | None
    cost_micros: int
    run_after: Moment
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None


class EventView(Contract):
    """One line of the timeline."""

    sequence: int
    kind: str
    message: str
    job_id: str | None
    data: dict[str, Any]
    at: Moment
