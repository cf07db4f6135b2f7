"""The timeline of an analysis."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Limit, Rows, faults
from app.core import edge
from app.services import timeline
from app.services.contract import EventView

router = APIRouter(tags=["events"])

After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Sequence number of the last event that you have.")]


@router.get("/analyses/{analysis_id}/events", responses=faults(404))
async def list_events(analysis_id: AnalysisId, actor: Caller, after: After = 0, limit: Limit = 100) -> Rows[EventView]:
    """List what happened after an event, oldest first; `next_cursor` is the next `after`."""
    rows = await edge.read(timeline.events, actor, analysis_id, after=after, limit=limit)
    return Rows(rows=rows, next_cursor=str(rows[-1].sequence) if len(rows) == limit else None)
