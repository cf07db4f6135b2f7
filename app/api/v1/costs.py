"""What an analysis has cost."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, faults
from app.core import edge
from app.services import costs
from app.services.contract import CostView

router = APIRouter(tags=["cost"])


@router.get("/analyses/{analysis_id}/cost", responses=faults(404))
async def get_cost(analysis_id: AnalysisId, actor: Caller) -> CostView:
    """Give what was spent and reserved against the cap, line by line. Micro-USD."""
    return await edge.read(costs.view, actor, analysis_id)
