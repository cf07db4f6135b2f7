"""The map of an analysis."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, faults
from app.core import edge
from app.services import constellation
from app.services.constellation import MapView

router = APIRouter(tags=["topics"])


@router.get("/analyses/{analysis_id}/map", responses=faults(404))
async def get_map(analysis_id: AnalysisId, actor: Caller) -> MapView:
    """Give where its items stand on the map of its topics, at most 5,000 of them."""
    return await edge.read(constellation.points, actor, analysis_id)
