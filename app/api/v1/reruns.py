"""Ask an analysis again."""

from __future__ import annotations

from fastapi import APIRouter, Response

from app.api.caller import Caller
from app.api.v1.analyses import IdempotencyKey
from app.api.v1.rows import AnalysisId, faults
from app.core import clock, edge
from app.services import analyses, estimates, rerun
from app.services.access import Action, require
from app.services.contract import AnalysisView
from app.services.contract.basics import Contract
from app.services.rerun import Dates, RerunView

router = APIRouter(tags=["reruns"])


class RerunRequest(Contract):
    """How the time range of the new run is chosen."""

    dates: Dates = "now"


@router.get("/analyses/{analysis_id}/rerun", responses=faults(404))
async def prepare_rerun(analysis_id: AnalysisId, actor: Caller, dates: Dates = "now") -> RerunView:
    """Say what asking again would ask. To change it first, send it to `POST /analyses` instead."""
    return await edge.read(rerun.prepare, actor, analysis_id, dates, clock.now())


@router.post("/analyses/{analysis_id}/rerun", status_code=201, responses=faults(404, 409, 429, 503))
async def start_rerun(
    analysis_id: AnalysisId,
    actor: Caller,
    response: Response,
    wanted: RerunRequest | None = None,
    idempotency_key: IdempotencyKey = None,
) -> AnalysisView:
    """Ask again; what is known already is not bought again. `Location` says where the new analysis is."""
    require(actor, Action.ANALYSIS_CREATE)  # before the estimate calls providers
    dates = (wanted or RerunRequest()).dates
    prepared = await edge.read(rerun.prepare, actor, analysis_id, dates, clock.now())
    estimate = await estimates.estimate(actor, prepared.request)
    dedupe_key = None if idempotency_key is None else f"client:{idempotency_key}"
    identifier = await edge.write(
        rerun.start, actor, analysis_id, prepared.request, estimate=estimate, dedupe_key=dedupe_key
    )
    response.headers["location"] = f"/api/v1/analyses/{identifier}"
    return await edge.read(analyses.view, actor, identifier)
