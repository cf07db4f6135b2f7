"""What happens in an analysis, as it happens: server-sent events."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from app.api import stream
from app.api.caller import Caller, find_actor
from app.api.v1.rows import NO_ID, faults
from app.core.ids import is_id

router = APIRouter(tags=["stream"])

DESCRIPTION = """`text/event-stream`: `timeline` (an event of the timeline, its `id` is the sequence number), `progress`
(the numbers that change while it runs) and, when nothing more will come, `end`. A comment line every 15 s keeps the
connection open. After a break, `Last-Event-ID` replays what was missed."""

LastEventId = Annotated[
    int | None, Header(ge=0, le=2**31 - 1, description="Sequence number of the last event that you have.")
]


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        **faults(404, 429),
        200: {"description": DESCRIPTION, "content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def follow_analysis(
    request: Request,
    actor: Caller,
    analysis: Annotated[str, Query(description="Id of an analysis.")],
    last_event_id: LastEventId = None,
) -> StreamingResponse:
    """Follow an analysis until it ends."""
    analysis_id = analysis if is_id(analysis) else NO_ID
    lines = await stream.follow(actor, analysis_id, after=last_event_id or 0, still=lambda: find_actor(request))
    return StreamingResponse(
        lines,
        media_type="text/event-stream",
        headers={"cache-control": "no-store", "x-accel-buffering": "no"},
    )
