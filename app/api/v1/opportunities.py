"""The cited findings of an analysis."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, OpportunityId, Rows, faults
from app.core import edge
from app.services import results
from app.services.contract import OpportunityView

router = APIRouter(tags=["opportunities"])


@router.get("/analyses/{analysis_id}/opportunities", responses=faults(404))
async def list_opportunities(analysis_id: AnalysisId, actor: Caller) -> Rows[OpportunityView]:
    """List the opportunities, best first, with their quotes."""
    return Rows(rows=await edge.read(results.opportunities, actor, analysis_id))


@router.get("/analyses/{analysis_id}/opportunities/{opportunity_id}", responses=faults(404))
async def get_opportunity(analysis_id: AnalysisId, opportunity_id: OpportunityId, actor: Caller) -> OpportunityView:
    """Give one opportunity."""
    return await edge.read(results.opportunity, actor, analysis_id, opportunity_id)
