"""The whole of one analysis, and its line in a list."""

from __future__ import annotations

from typing import Any

from app.services.contract.basics import Contract, Moment
from app.services.contract.choice import ChoiceView
from app.services.contract.costs import CostView
from app.services.contract.findings import ResultsView
from app.services.contract.progress import DegradedView, ProgressView
from app.services.contract.request import AnalysisRequest


class MetadataView(Contract):
    """When, and by which versions."""

    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    versions: dict[str, Any]
    manifest_sha256: str | None
    rerun_of: str | None = None
    """Id of the earlier analysis that it asks again."""


class AnalysisView(Contract):
    """The whole of one analysis."""

    id: str
    status: str
    sample: bool
    error: str | None
    request: AnalysisRequest
    progress: ProgressView
    choice: ChoiceView | None = None
    """What its owner is asked; null unless the status is `needs_choice`."""
    degraded: list[DegradedView]
    results: ResultsView
    cost: CostView
    metadata: MetadataView


class AnalysisRow(Contract):
    """One analysis in a list."""

    id: str
    status: str
    sample: bool
    question: str
    sources: list[str]
    overall: float
    items: int
    opportunities: int
    spent_micros: int
    cap_micros: int
    created_at: Moment
    finished_at: Moment | None
