"""One unit of queued work, its timeline, and what became of those that could not be done."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, due_field, id_field, json_field, moment_field


class JobStatus(StrEnum):
    """Where a job stands. `app.services.transitions` holds the permitted moves."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    RETRYING = "retrying"
    NEEDS_AUTH = "needs_auth"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DEAD = "dead"


_WAITING = "status IN ('queued', 'retrying')"
_NOT_ENDED = "status IN ('dead', 'needs_auth', 'paused', 'queued', 'retrying', 'running')"
_SENT = f"{_WAITING} AND sent_at IS NOT NULL"
_URGENT = "('billing', 'notify', 'publish', 'upkeep')"


def _index(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Job(SQLModel, table=True):
    """A unit of work. The row is the truth; a Celery message only wakes a worker."""

    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        # Small indexes however many finished jobs there are: what can become due, what was handed to the workers in
        # the order of its turn, what runs, and what lately went through in one go.
        _index("ix_job_due", "run_after", "sent_at", "analysis_id", where=_WAITING),
        _index("ix_job_turn", "turn", "workspace_id", "queue", where=f"{_SENT} AND queue NOT IN {_URGENT}"),
        _index("ix_job_urgent", "turn", "workspace_id", "queue", where=f"{_SENT} AND queue IN {_URGENT}"),
        _index("ix_job_running", "lease_until", where="status = 'running'"),
        _index("ix_job_recent", "finished_at", where="status = 'succeeded' AND fence = 1"),
        _index("ix_job_finished", "finished_at", where="finished_at IS NOT NULL"),
        # For lists of any status and class, newest first. Only they speak of these sets of statuses, so that no other
        # question is misled to these indexes.
        _index("ix_job_not_ended", "status", "id", where=_NOT_ENDED),
        _index("ix_job_not_ended_queue", "queue", "status", "id", where=_NOT_ENDED),
        _index("ix_job_ended_queue", "queue", "id", where="status IN ('cancelled', 'succeeded')"),
        Index("ix_job_analysis_id_status", "analysis_id", "status"),
    )

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id")
    analysis_id: str | None = Field(default=None, foreign_key="analysis.id")
    kind: str
    """Name of the handler (`collect`, `score`, …)."""
    queue: str
    """Name of a `core.jobs.QueueClass`."""
    dedupe_key: str
    """The same work asked for twice is one row."""
    payload: dict[str, Any] = json_field({})
    payload_version: int = 1
    status: JobStatus = Field(default=JobStatus.QUEUED, sa_type=String)
    provider: str | None = None
    connection_id: str | None = None
    auth_method: str | None = None
    token_source: str | None = None
    fallback_reason: str | None = None
    cursor: dict[str, Any] | None = json_field()
    done: int = 0
    """Items (or the job's own unit) finished."""
    total: int | None = None
    """Items expected; None while unknown."""
    weight: float = 1.0
    attempts: int = 0
    """Claims that ended in failure or in silence; a wait that we chose ourselves does not count."""
    max_attempts: int = 3
    fence: int = 0
    """Grows with each claim; every later write of that claim names it, so a late twin's work rolls back."""
    priority: int = 0
    refused_seconds: float = 0.0
    """How long its provider has made it wait since it last got on."""
    in_line_seconds: float = 0.0
    """How long a limit of ours has, since then."""
    run_after: datetime = due_field()
    sent_at: datetime | None = moment_field()
    """When a message was last handed to the broker; None when it waits for its turn."""
    turn: datetime | None = moment_field()
    """Its place among what was handed to the workers: the earliest goes first (`services.fairness`)."""
    lease_until: datetime | None = moment_field()
    heartbeat_at: datetime | None = moment_field()
    worker: str | None = None
    pool: str | None = None
    """The worker (`Worker.id`) whose slot it has or last had."""
    cost_micros: int = 0
    error_kind: str | None = None
    error_message: str | None = None
    created_at: datetime = created_field()
    started_at: datetime | None = moment_field()
    finished_at: datetime | None = moment_field()


class JobEvent(SQLModel, table=True):
    """One line of an analysis's or a job's timeline. Append-only."""

    __tablename__ = "job_event"
    __table_args__ = (UniqueConstraint("analysis_id", "sequence"),)

    id: str = id_field()
    analysis_id: str | None = Field(default=None, foreign_key="analysis.id")
    job_id: str | None = Field(default=None, foreign_key="job.id", index=True)
    sequence: int | None = None
    """1, 2, 3, … within its analysis: a reader that saw n asks for what came after n."""
    kind: str
    """`job.running`, `analysis.completed`, …"""
    message: str
    """One sentence for the user."""
    data: dict[str, Any] = json_field({})
    at: datetime = created_field()


class DeadLetter(SQLModel, table=True):
    """A job that was given up, with all that is needed to try it again."""

    __tablename__ = "dead_letter"

    id: str = id_field()
    job_id: str = Field(foreign_key="job.id", index=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    reason: str
    payload: dict[str, Any] = json_field({})
    attempts: int
    created_at: datetime = created_field()
    resolved_at: datetime | None = moment_field()
    resolution: str | None = None


class Worker(SQLModel, table=True):
    """A worker process that lives, by its own word."""

    id: str = Field(primary_key=True)
    """`host:pid:start`, unique to one life of one process."""
    queues: list[str] = json_field([])
    concurrency: int
    busy: int = 0
    started_at: datetime = created_field()
    heartbeat_at: datetime = due_field()


class Schedule(SQLModel, table=True):
    """Something that is to be done again and again; two schedulers start it once."""

    name: str = Field(primary_key=True)
    every_seconds: float
    due_at: datetime = due_field()
    last_started_at: datetime | None = moment_field()


class QueueHold(SQLModel, table=True):
    """A queue class that an operator holds: its jobs wait."""

    __tablename__ = "queue_hold"

    queue: str = Field(primary_key=True)
    since: datetime = due_field()
    held_by: str
    reason: str
