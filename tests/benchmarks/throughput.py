"""Items a second through the real queue, against the same work in one bare Python loop of this very run.

Both parse the sandbox's pages, insert the items, clean them and score them on SQLite. The loop has its pages in memory
and no queue, no claims, no cursor; the queue collects over HTTP.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert
from sqlmodel import col, select

from app.core.db import Database
from app.models import Analysis, Item, Job
from app.services import analyses
from app.services.access import Actor
from app.services.claims import Claim
from app.services.pipeline.clean import Cleaner
from app.services.pipeline.score import score
from app.services.providers import usable_source
from app.services.stages import clean, collect, reading
from app.services.stages import score as score_stage
from app.services.stages.work import Work
from integrations import registry
from integrations.contracts import Page, Scope
from tests.chaos.world import World, process_tree_memory
from tests.factories import wanted


@dataclass(frozen=True, slots=True)
class Throughput:
    """What was measured; seconds and items."""

    items: int
    loop_seconds: float
    queue_seconds: float
    """From the request to the end of the last score job."""
    whole_seconds: float
    """From the request to the finished report."""
    first_items_seconds: float
    """From the request to the first stored items."""
    start_seconds: float
    """From the request to the start of its first job."""
    largest_process_bytes: int

    @property
    def ratio(self) -> float:
        return self.loop_seconds / self.queue_seconds


def measure(world: World, communities: Sequence[str]) -> Throughput:
    """Run the loop, then the queue."""
    pages = {name: asyncio.run(_pages(name)) for name in communities}
    loop_seconds, items = _loop(world.database, world.actor, pages)
    started = time.monotonic()
    analysis_id = world.ask(*communities)
    first = world.until(lambda: _stored(world, analysis_id), "first items", seconds=60)
    largest = 0
    while world.look(analysis_id).finished_at is None:
        largest = max(largest, *process_tree_memory(world.processes["worker"].pid).values())
        time.sleep(0.1)
        if time.monotonic() - started > 300:
            raise AssertionError(world.report())
    with world.database.read() as session:
        jobs = session.exec(select(Job).where(Job.analysis_id == analysis_id)).all()
        analysis = session.get_one(Analysis, analysis_id)
    ends = [job.finished_at for job in jobs if job.kind == "score" and job.finished_at]
    starts = [job.started_at for job in jobs if job.started_at]
    assert analysis.finished_at is not None
    return Throughput(
        items=items,
        loop_seconds=loop_seconds,
        queue_seconds=(max(ends) - analysis.created_at).total_seconds(),
        whole_seconds=(analysis.finished_at - analysis.created_at).total_seconds(),
        first_items_seconds=first,
        start_seconds=(min(starts) - analysis.created_at).total_seconds(),
        largest_process_bytes=largest,
    )


async def _pages(name: str) -> list[Page]:
    setup = usable_source("reddit")
    async with registry.connect(setup.id, setup.config) as http:
        source = setup.source(setup.config, http)
        query = setup.source.Query.model_validate({"subreddit": name})
        return [page async for page in source.pages(query, Scope(item_limit=50_000), None)]


def _loop(database: Database, actor: Actor, pages: dict[str, list[Page]]) -> tuple[float, int]:
    with database.write() as session:
        analysis_id = analyses.request(session, actor, wanted("looponly"))
        analyses.cancel(session, actor, analysis_id)
    setup = usable_source("reddit")
    with database.read() as session:
        job = session.exec(select(Job).where(Job.analysis_id == analysis_id)).one()
    held = _held(job)
    started = time.monotonic()
    items = 0
    for some in pages.values():
        source = setup.source(setup.config, None)  # parsing touches no network
        for page in some:
            rows = [collect._row(Work(held, database), "reddit", item) for item in source.parse(page)]
            items += len(rows)
            if rows:
                with database.write() as session:
                    session.connection().execute(insert(Item), rows)
    with database.read() as session:
        stored = session.exec(
            select(Item).where(Item.analysis_id == analysis_id).order_by(col(Item.posted_at), col(Item.id))
        ).all()
    records = [reading.record(row) for row in stored]
    cleaner = Cleaner()
    for at in range(0, len(records), clean.BATCH):
        cleaned = cleaner.clean(records[at : at + clean.BATCH])
        with database.write() as session:
            session.connection().execute(clean._UPDATE, clean.values(cleaned))
    with database.read() as session:
        readable = reading.records(session, analysis_id, *reading.worth_reading())
    for at in range(0, len(readable), score_stage.BATCH):
        scored = score(readable[at : at + score_stage.BATCH])
        with database.write() as session:
            session.connection().execute(score_stage._UPDATE, score_stage.values(scored))
    return time.monotonic() - started, items


def _held(job: Job) -> Claim:
    return Claim(
        job_id=job.id,
        workspace_id=job.workspace_id,
        analysis_id=job.analysis_id or "",
        kind=job.kind,
        provider=job.provider,
        payload=job.payload,
        cursor=None,
        done=0,
        total=None,
        attempts=1,
        max_attempts=1,
        fence=job.fence,
    )


def _stored(world: World, analysis_id: str) -> bool:
    with world.database.read() as session:
        return session.exec(select(Item.id).where(Item.analysis_id == analysis_id).limit(1)).first() is not None
