"""The units of work of an analysis."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Rows, faults
from app.core import edge
from app.services import jobs
from app.services.contract import JobView

router = APIRouter(tags=["jobs"])


@router.get("/analyses/{analysis_id}/jobs", responses=faults(404))
async def list_jobs(analysis_id: AnalysisId, actor: Caller) -> Rows[JobView]:
    """List the jobs with their state, progress and last error."""
    return Rows(rows=await edge.read(jobs.rows, actor, analysis_id))
