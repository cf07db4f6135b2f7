"""The units of work of an analysis, and those that were given up."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.v1.rows import AnalysisId, Cursor, JobId, Limit, Rows, faults
from app.core import edge
from app.services import dead_letters, jobs, steering
from app.services.contract import JobView
from app.services.dead_letters import DeadLetterView
from app.services.steering import MOST_AT_ONCE, Steer, Steered

router = APIRouter(tags=["jobs"])


class SteerRequest(BaseModel):
    """One thing to do with many jobs."""

    model_config = ConfigDict(extra="forbid")

    move: Steer
    job_ids: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


class RetryRequest(BaseModel):
    """How to try again."""

    model_config = ConfigDict(extra="forbid")

    payload: dict[str, Any] | None = Field(
        default=None, description="What the job shall do instead; checked before it is taken. Absent: the same again."
    )


@router.get("/analyses/{analysis_id}/jobs", responses=faults(404))
async def list_jobs(analysis_id: AnalysisId, actor: Caller) -> Rows[JobView]:
    """List the jobs with their state, progress and last error; of answers those that are open and the last 20."""
    return Rows(rows=await edge.read(jobs.rows, actor, analysis_id))


@router.post("/jobs/steer", responses=faults())
async def steer_jobs(wanted: SteerRequest, actor: Caller) -> Rows[Steered]:
    """Do one thing with many jobs; each row says what became of one."""
    return Rows(rows=await edge.write(steering.steer_many, actor, wanted.job_ids, wanted.move))


@router.post("/jobs/{job_id}/pause", responses=faults(404, 409))
async def pause_job(job_id: JobId, actor: Caller) -> Steered:
    """Hold it; what it has done stays."""
    return await edge.write(steering.steer, actor, job_id, Steer.PAUSE)


@router.post("/jobs/{job_id}/resume", responses=faults(404, 409))
async def resume_job(job_id: JobId, actor: Caller) -> Steered:
    """Put a held one back in line."""
    return await edge.write(steering.steer, actor, job_id, Steer.RESUME)


@router.post("/jobs/{job_id}/cancel", responses=faults(404, 409))
async def cancel_job(job_id: JobId, actor: Caller) -> Steered:
    """End it for good; the analysis goes on without it where that is possible."""
    return await edge.write(steering.steer, actor, job_id, Steer.CANCEL)


@router.post("/jobs/{job_id}/retry", responses=faults(404, 409))
async def retry_job(job_id: JobId, actor: Caller, wanted: RetryRequest | None = None) -> Steered:
    """Try one that was given up again, changed if you like; an analysis that failed by it is brought back."""
    payload = None if wanted is None else wanted.payload
    return await edge.write(steering.steer, actor, job_id, Steer.RETRY, payload=payload)


@router.post("/jobs/{job_id}/discard", responses=faults(404, 409))
async def discard_job(job_id: JobId, actor: Caller) -> Steered:
    """Put away the dead letter of one that was given up."""
    return await edge.write(steering.steer, actor, job_id, Steer.DISCARD)


@router.get("/dead-letters", responses=faults())
async def list_dead_letters(
    actor: Caller,
    cursor: Cursor = None,
    limit: Limit = 50,
    resolved: Annotated[bool, Query(description="Also those that were retried or discarded.")] = False,
) -> Rows[DeadLetterView]:
    """List the jobs that were given up, newest first: why, with which payload, after how many attempts."""
    return Rows.of(await edge.read(dead_letters.rows, actor, resolved=resolved, cursor=cursor, limit=limit))
