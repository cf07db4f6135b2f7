"""What changed from one analysis to another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.caller import Caller
from app.api.v1.rows import Cursor, Limit, Rows, faults
from app.core import edge
from app.services import comparison
from app.services.comparing.items import Change
from app.services.comparing.shapes import ChangedItemView, ComparisonView

router = APIRouter(tags=["comparisons"])

Before = Annotated[str, Query(max_length=100, description="Id of the earlier analysis.")]
After = Annotated[str, Query(max_length=100, description="Id of the later analysis.")]
Community = Annotated[str | None, Query(max_length=200, description="Only items of this community.")]


@router.get("/comparisons", responses=faults(404))
async def compare_analyses(actor: Caller, before: Before, after: After) -> ComparisonView:
    """Say what changed: items, mood, topics, opportunities and why their scores moved, settings, versions, cost."""
    return await edge.read(comparison.compare, actor, before, after)


@router.get("/comparisons/items", responses=faults(404))
async def list_changed_items(
    actor: Caller,
    before: Before,
    after: After,
    change: Change,
    community: Community = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Rows[ChangedItemView]:
    """List the items that are new, gone or edited, the last collected first."""
    found = await edge.read(
        comparison.changed_items, actor, before, after, change, community=community, cursor=cursor, limit=limit
    )
    return Rows.of(found)
