"""Ask a question, watch it, steer it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Response

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Cursor, Limit, Rows, faults
from app.core import edge
from app.services import analyses, estimates
from app.services.access import Action, require
from app.services.contract import AnalysisRequest, AnalysisRow, AnalysisView, EstimateView

router = APIRouter(tags=["analyses"])

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="Your own name for this request: sent again with the same name, it makes no second analysis.",
    ),
]


@router.post("/analyses", status_code=201, responses=faults(409, 429, 503))
async def create_analysis(
    wanted: AnalysisRequest, actor: Caller, response: Response, idempotency_key: IdempotencyKey = None
) -> AnalysisView:
    """Start an analysis; `Location` says where it is."""
    require(actor, Action.ANALYSIS_CREATE)  # before the estimate calls providers
    estimate = await estimates.estimate(actor, wanted)
    dedupe_key = None if idempotency_key is None else f"client:{idempotency_key}"
    identifier = await edge.write(analyses.request, actor, wanted, dedupe_key=dedupe_key, estimate=estimate)
    response.headers["location"] = f"/api/v1/analyses/{identifier}"
    return await edge.read(analyses.view, actor, identifier)


@router.post("/analyses/estimate", responses=faults(503))
async def estimate_analysis(wanted: AnalysisRequest, actor: Caller) -> EstimateView:
    """Say what an analysis would take, before anything is spent."""
    require(actor, Action.ANALYSIS_CREATE)
    return await estimates.estimate(actor, wanted)


@router.get("/analyses", responses=faults())
async def list_analyses(actor: Caller, cursor: Cursor = None, limit: Limit = 50) -> Rows[AnalysisRow]:
    """List the workspace's analyses, newest first."""
    return Rows.of(await edge.read(analyses.rows, actor, cursor=cursor, limit=limit))


@router.get("/analyses/{analysis_id}", responses=faults(404))
async def get_analysis(analysis_id: AnalysisId, actor: Caller) -> AnalysisView:
    """Give the whole of one analysis."""
    return await edge.read(analyses.view, actor, analysis_id)


@router.post("/analyses/{analysis_id}/pause", responses=faults(404, 409))
async def pause_analysis(analysis_id: AnalysisId, actor: Caller) -> AnalysisView:
    """Hold it: work that runs is finished, nothing new starts."""
    await edge.write(analyses.pause, actor, analysis_id)
    return await edge.read(analyses.view, actor, analysis_id)


@router.post("/analyses/{analysis_id}/resume", responses=faults(404, 409))
async def resume_analysis(analysis_id: AnalysisId, actor: Caller) -> AnalysisView:
    """Go on with a paused one."""
    await edge.write(analyses.resume, actor, analysis_id)
    return await edge.read(analyses.view, actor, analysis_id)


@router.post("/analyses/{analysis_id}/cancel", responses=faults(404, 409))
async def cancel_analysis(analysis_id: AnalysisId, actor: Caller) -> AnalysisView:
    """Stop it for good; what was collected stays."""
    await edge.write(analyses.cancel, actor, analysis_id)
    return await edge.read(analyses.view, actor, analysis_id)
