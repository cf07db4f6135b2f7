"""Whether a result holds."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, faults
from app.core import edge
from app.services import verification
from app.services.contract import VerificationView

router = APIRouter(tags=["verification"])


@router.get("/analyses/{analysis_id}/verification", responses=faults(404))
async def verify_analysis(analysis_id: AnalysisId, actor: Caller) -> VerificationView:
    """Check every quote against the stored words, and make every count and score again.

    The id of one opportunity works too.
    """
    return await edge.read(verification.verify, actor, analysis_id)
