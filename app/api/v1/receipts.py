"""What the score of an opportunity was made of."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.v1.rows import OpportunityId, faults
from app.core import edge
from app.services import receipts
from app.services.receipts import ReceiptView

router = APIRouter(tags=["receipts"])


@router.get("/receipts/{opportunity_id}", responses=faults(404))
async def get_receipt(opportunity_id: OpportunityId, actor: Caller) -> ReceiptView:
    """Give what a score was made of, what would change the verdict, and whether it holds."""
    return await edge.read(receipts.receipt, actor, opportunity_id)
