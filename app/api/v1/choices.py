"""Choose how an analysis goes on when its cost comes near the cap."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, faults
from app.core import edge
from app.services import analyses, choices
from app.services.choices import Choice
from app.services.contract import MAX_CAP_MICROS, AnalysisView

router = APIRouter(tags=["analyses"])


class ChoiceRequest(BaseModel):
    """What is chosen."""

    model_config = ConfigDict(extra="forbid")

    choice: Choice
    max_cost_micros: Annotated[
        int | None,
        Field(gt=0, le=MAX_CAP_MICROS, description="A new cap, above the present one; null keeps the one there is."),
    ] = None


@router.post("/analyses/{analysis_id}/choice", responses=faults(404, 409))
async def choose(analysis_id: AnalysisId, wanted: ChoiceRequest, actor: Caller) -> AnalysisView:
    """Go on, go on cheaper, or stop spending; `choice` of the analysis says what each costs."""
    await edge.write(choices.choose, actor, analysis_id, wanted.choice, max_cost_micros=wanted.max_cost_micros)
    return await edge.read(analyses.view, actor, analysis_id)
