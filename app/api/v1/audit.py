"""Who did what in the workspace."""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.api.caller import Caller
from app.api.v1.rows import Cursor, Limit, Rows, faults
from app.core import edge
from app.core.db import database
from app.services import audit_chain, audit_export, audit_trail
from app.services.audit_chain import AuditVerdict
from app.services.audit_trail import AuditRow
from app.services.audit_words import Kind

router = APIRouter(tags=["audit"])

OfKind = Annotated[Kind | None, Query(description="Only acts of this kind.")]


@router.get("/audit", responses=faults())
async def list_audit(actor: Caller, kind: OfKind = None, cursor: Cursor = None, limit: Limit = 50) -> Rows[AuditRow]:
    """List who did what, on what and when, newest first; for the owner and admins of the workspace."""
    page = await edge.read(audit_trail.rows, actor, kind=kind, cursor=cursor, limit=limit)
    return Rows.of(page)


@router.get("/audit/verification", responses=faults())
async def verify_audit(
    actor: Caller,
    expect: Annotated[
        str | None, Query(description="A `head` that was noted before; it must be in the chain still.")
    ] = None,
) -> AuditVerdict:
    """Tell whether the whole trail is as it was written; for the owner and admins of the workspace."""
    return await edge.read(audit_chain.verify, actor, expected=expect)


@router.get(
    "/audit/exports/acts.csv",
    response_class=StreamingResponse,
    responses={
        **faults(),
        200: {"description": "One line for each act.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def export_audit(actor: Caller, kind: OfKind = None) -> StreamingResponse:
    """Give the trail as CSV, newest first; cells that a spreadsheet would run as a formula are made harmless."""
    lines = audit_export.csv_lines(database(), actor, kind=kind)
    first = await asyncio.to_thread(next, lines, "")  # so that what is not permitted is no broken file
    return StreamingResponse(
        chain([first], lines),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="asterism-audit.csv"', "cache-control": "no-store"},
    )
