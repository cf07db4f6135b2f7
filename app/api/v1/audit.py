"""Who did what in the workspace."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.caller import Caller
from app.api.v1.rows import Cursor, Limit, Rows, faults
from app.core import edge
from app.services import audit_trail
from app.services.audit_trail import AuditRow
from app.services.audit_words import Kind

router = APIRouter(tags=["audit"])


@router.get("/audit", responses=faults())
async def list_audit(
    actor: Caller,
    kind: Annotated[Kind | None, Query(description="Only acts of this kind.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Rows[AuditRow]:
    """List who did what, on what and when, newest first; for the owner and admins of the workspace."""
    page = await edge.read(audit_trail.rows, actor, kind=kind, cursor=cursor, limit=limit)
    return Rows.of(page)
