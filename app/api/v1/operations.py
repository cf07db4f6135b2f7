"""Queues, workers and jobs of the whole installation, for those who run it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.v1.rows import Cursor, JobId, Limit, Rows, faults
from app.core import edge
from app.services import holds, operations, operations_bulk, operations_jobs, operations_providers
from app.services.operations import OperationsView
from app.services.operations_bulk import MOST, BulkOutcome, Matching
from app.services.operations_jobs import OperationsJob, OperationsJobDetail, States
from app.services.operations_providers import ProviderRow
from app.services.steering import Steer

router = APIRouter(prefix="/operations", tags=["operations"])

Queue = Annotated[str, Path(max_length=40, description="A queue class: collect, analyse, ai, …")]
Provider = Annotated[str, Path(max_length=40, description="A provider's id: reddit, youtube, openai, …")]
State = Annotated[States, Query(description="Where they stand.")]
OnlyOf = Annotated[str | None, Query(max_length=40, description="Only of this queue class.")]


class HoldRequest(BaseModel):
    """Why a queue is held."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=holds.LONGEST_REASON, description="People whose jobs wait read it.")


class MatchingRequest(BaseModel):
    """One thing to do with every job that a filter matches."""

    model_config = ConfigDict(extra="forbid")

    move: Steer
    state: States
    queue: str | None = Field(default=None, max_length=40, description="Only of this queue class.")
    newest: str | None = Field(
        default=None, max_length=36, description="From the count: leave jobs alone that came after it."
    )
    most: int = Field(default=1000, ge=1, le=MOST, description="Do at most so many; `left` says how many remain.")


@router.get("", responses=faults())
async def get_operations(actor: Caller) -> OperationsView:
    """Give queues with depth, oldest due age and the last hour; living workers; how many jobs were given up."""
    return await edge.read(operations.view, actor)


@router.get("/jobs", responses=faults())
async def list_operations_jobs(
    actor: Caller,
    state: State = "open",
    queue: OnlyOf = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Rows[OperationsJob]:
    """List jobs of all workspaces, newest first; steer them with `POST /jobs/steer`."""
    return Rows.of(await edge.read(operations_jobs.jobs, actor, state=state, queue=queue, cursor=cursor, limit=limit))


@router.get("/jobs/{job_id}", responses=faults(404))
async def get_operations_job(job_id: JobId, actor: Caller) -> OperationsJobDetail:
    """Give one job with its timeline, its payload, and why it was given up."""
    return await edge.read(operations_jobs.job, actor, job_id)


@router.get("/matching", responses=faults())
async def count_matching_jobs(
    actor: Caller,
    move: Annotated[Steer, Query(description="What is to be done.")],
    state: State = "open",
    queue: OnlyOf = None,
) -> Matching:
    """Count the jobs of all workspaces that the same `POST` would touch now."""
    return await edge.read(operations_bulk.matching, actor, move=move, state=state, queue=queue)


@router.post("/matching", responses=faults())
async def steer_matching_jobs(wanted: MatchingRequest, actor: Caller) -> BulkOutcome:
    """Do one thing with every job of all workspaces that a filter matches; audited once."""
    return await edge.with_database(
        operations_bulk.steer_matching,
        actor,
        move=wanted.move,
        state=wanted.state,
        queue=wanted.queue,
        newest=wanted.newest,
        most=wanted.most,
    )


@router.get("/providers", responses=faults())
async def list_operations_providers(actor: Caller) -> Rows[ProviderRow]:
    """List the providers: whether each is asked, or left alone until when and why."""
    return Rows(rows=await edge.read(operations_providers.rows, actor))


@router.post("/providers/{provider}/close", status_code=204, responses=faults(404))
async def close_breaker(provider: Provider, actor: Caller) -> None:
    """Ask a provider again that is left alone. Safe to repeat."""
    await edge.with_database(operations_providers.close, actor, provider)


@router.put("/queues/{queue}/hold", status_code=204, responses=faults(404))
async def hold_queue(queue: Queue, wanted: HoldRequest, actor: Caller) -> None:
    """Let no further job of a queue start; what runs goes on."""
    await edge.write(holds.hold, actor, queue, wanted.reason)


@router.delete("/queues/{queue}/hold", status_code=204, responses=faults(404))
async def release_queue(queue: Queue, actor: Caller) -> None:
    """Let a queue's jobs start again. Safe to repeat."""
    await edge.write(holds.release, actor, queue)
