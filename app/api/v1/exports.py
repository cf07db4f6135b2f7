"""Files to take away."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.api.caller import Caller
from app.api.csv_file import csv_file
from app.api.v1.rows import AnalysisId, faults
from app.core import edge
from app.services import analyses, exports
from app.services.items import ItemFilters

router = APIRouter(tags=["exports"])


@router.get(
    "/analyses/{analysis_id}/exports/items.csv",
    response_class=StreamingResponse,
    responses={
        **faults(404),
        200: {"description": "One line for each item.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def export_items(
    analysis_id: AnalysisId, actor: Caller, filters: Annotated[ItemFilters, Query()]
) -> StreamingResponse:
    """Give the items as CSV, newest first; cells that a spreadsheet would run as a formula are made harmless."""
    sample = (await edge.read(analyses.view, actor, analysis_id)).sample
    lines = exports.csv_lines(actor, analysis_id, filters, sample=sample)
    return await csv_file(f"asterism-items-{analysis_id}", lines)
