"""Queues, workers and jobs of the whole installation, for those who run it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.v1.rows import Cursor, JobId, Limit, Rows, faults
from app.core import edge
from app.services import holds, operations
from app.services.operations import OperationsJob, OperationsJobDetail, OperationsView, States

router = APIRouter(prefix="/operations", tags=["operations"])

Queue = Annotated[str, Path(max_length=40, description="A queue class: collect, analyse, ai, …")]


class HoldRequest(BaseModel):
    """Why a queue is held."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=holds.LONGEST_REASON, description="People whose jobs wait read it.")


@router.get("", responses=faults())
async def get_operations(actor: Caller) -> OperationsView:
    """Give queues with depth, oldest due age and the last hour; living workers; how many jobs were given up."""
    return await edge.read(operations.view, actor)


@router.get("/jobs", responses=faults())
async def list_operations_jobs(
    actor: Caller,
    state: Annotated[States, Query(description="Where they stand.")] = "open",
    queue: Annotated[str | None, Query(max_length=40, description="Only of this queue class.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Rows[OperationsJob]:
    """List jobs of all workspaces, newest first; steer them with `POST /jobs/steer`."""
    return Rows.of(await edge.read(operations.jobs, actor, state=state, queue=queue, cursor=cursor, limit=limit))


@router.get("/jobs/{job_id}", responses=faults(404))
async def get_operations_job(job_id: JobId, actor: Caller) -> OperationsJobDetail:
    """Give one job with its timeline, its payload, and why it was given up."""
    return await edge.read(operations.job, actor, job_id)


@router.put("/queues/{queue}/hold", status_code=204, responses=faults(404))
async def hold_queue(queue: Queue, wanted: HoldRequest, actor: Caller) -> None:
    """Let no further job of a queue start; what runs goes on."""
    await edge.write(holds.hold, actor, queue, wanted.reason)


@router.delete("/queues/{queue}/hold", status_code=204, responses=faults(404))
async def release_queue(queue: Queue, actor: Caller) -> None:
    """Let a queue's jobs start again. Safe to repeat."""
    await edge.write(holds.release, actor, queue)
