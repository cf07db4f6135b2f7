"""The items of an analysis, filtered and paged."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, ItemId, Rows, faults
from app.core import edge
from app.core.paging import MAX_LIMIT
from app.services import items
from app.services.contract import ItemView
from app.services.items import ItemFilters

router = APIRouter(tags=["items"])


class ItemsQuery(ItemFilters):
    """Which items, and which page of them."""

    cursor: str | None = Field(default=None, max_length=500, description="`next_cursor` of the rows before.")
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT, description="Most rows in the answer.")

    def filters(self) -> ItemFilters:
        """Return what is asked for without the paging."""
        return ItemFilters.model_validate(self.model_dump(exclude={"cursor", "limit"}))


@router.get("/analyses/{analysis_id}/items", responses=faults(404))
async def list_items(analysis_id: AnalysisId, actor: Caller, query: Annotated[ItemsQuery, Query()]) -> Rows[ItemView]:
    """List items, newest first."""
    return Rows.of(
        await edge.read(items.page, actor, analysis_id, query.filters(), cursor=query.cursor, limit=query.limit)
    )


@router.get("/analyses/{analysis_id}/items/{item_id}", responses=faults(404))
async def get_item(analysis_id: AnalysisId, item_id: ItemId, actor: Caller) -> ItemView:
    """Give one item."""
    return await edge.read(items.get, actor, analysis_id, item_id)
