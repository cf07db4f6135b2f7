"""The topics of an analysis."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Rows, faults
from app.core import edge
from app.services import trends
from app.services.trends import TopicOverTime

router = APIRouter(tags=["topics"])


@router.get("/analyses/{analysis_id}/topics", responses=faults(404))
async def list_topics(analysis_id: AnalysisId, actor: Caller) -> Rows[TopicOverTime]:
    """List the topics that its items fall into, largest first, with how each changes over time."""
    return Rows(rows=await edge.read(trends.topics, actor, analysis_id))
