"""The request of a user and its run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, json_field, moment_field


class AnalysisStatus(StrEnum):
    """Where an analysis stands."""

    ESTIMATING = "estimating"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    PAUSED = "paused"
    NEEDS_CHOICE = "needs_choice"
    NEEDS_AUTH = "needs_auth"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """The steps of the pipeline, in their order."""

    COLLECT = "collect"
    CLEAN = "clean"
    SCORE = "score"
    CLUSTER = "cluster"
    SYNTHESISE = "synthesise"
    REPORT = "report"


class Analysis(SQLModel, table=True):
    """One question asked of some sources."""

    __table_args__ = (
        UniqueConstraint("workspace_id", "dedupe_key"),
        Index("ix_analysis_workspace_id_id", "workspace_id", "id"),
    )

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id")
    requested_by: str
    """Id of the user or API key, or `system`."""
    dedupe_key: str | None = None
    """A client's own key: the same request sent twice makes one analysis."""
    rerun_of: str | None = None
    """Id of the earlier analysis that it asks again; its topics keep that one's numbers and names."""
    status: AnalysisStatus = Field(default=AnalysisStatus.QUEUED, sa_type=String, index=True)
    stage: Stage = Field(default=Stage.COLLECT, sa_type=String)
    sample: bool = False
    question: str
    request: dict[str, Any] = json_field({})
    """The validated request, as `app.services.contract.AnalysisRequest` dumps it."""
    engine: str = "auto"
    priority: int = 0
    cap_micros: int = Field(sa_type=BigInteger)
    spent_micros: int = Field(default=0, sa_type=BigInteger)
    reserved_micros: int = Field(default=0, sa_type=BigInteger)
    estimate: dict[str, Any] | None = json_field()
    degraded: list[dict[str, Any]] = json_field([])
    results: dict[str, Any] = json_field({})
    """Counts made by `report`; empty before."""
    versions: dict[str, Any] = json_field({})
    manifest_sha256: str | None = None
    choice: dict[str, Any] | None = json_field()
    """What is asked of its owner about the cost, and what was chosen (`app.services.choices`); None before."""
    summary: dict[str, Any] | None = json_field()
    """The findings in a few sentences, each with the items it rests on; None before `synthesise`."""
    error: str | None = None
    """One sentence when it failed or is partial."""
    event_sequence: int = 0
    created_at: datetime = created_field()
    started_at: datetime | None = moment_field()
    finished_at: datetime | None = moment_field()
