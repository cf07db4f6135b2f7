"""Work of an installation, and who runs it, for tests of what operators see."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from sqlmodel import select

from app.core.db import Database, database_now
from app.models import Analysis, DeadLetter, Job, JobStatus, OperatorRole, Worker
from app.services.access import Actor
from tests import factories

MINUTE = timedelta(minutes=1)


def as_operator(actor: Actor, role: OperatorRole = OperatorRole.STEER) -> Actor:
    return dataclasses.replace(actor, operator=role)


def job(session, analysis: Analysis, number: int, *, queue: str = "collect", **values) -> Job:
    now = database_now(session)
    row = Job(
        workspace_id=analysis.workspace_id,
        analysis_id=analysis.id,
        kind="collect" if queue == "collect" else "score",
        queue=queue,
        dedupe_key=f"{analysis.id}:{number}",
        payload={"source": {"provider": "reddit", "query": {"subreddit": "selfhosted"}}},
        run_after=now,
        **values,
    )
    session.add(row)
    return row


def stored(database: Database, actor: Actor) -> str:
    wanted = factories.wanted("selfhosted")
    with database.write() as session:
        analysis = Analysis(
            workspace_id=actor.workspace_id,
            requested_by=actor.reference,
            question=wanted.question,
            request=wanted.model_dump(mode="json"),
            cap_micros=0,
            status="running",
        )
        session.add(analysis)
        session.flush()
        now = database_now(session)
        job(session, analysis, 1).run_after = now - 2 * MINUTE
        job(session, analysis, 2).run_after = now + MINUTE
        job(session, analysis, 3, status=JobStatus.RUNNING, pool="host|7|1", heartbeat_at=now)
        for number, (ago, status) in enumerate(
            [(1, "succeeded"), (2, "succeeded"), (31, "dead"), (90, "succeeded")], start=4
        ):
            job(session, analysis, number, queue="analyse", status=status, finished_at=now - ago * MINUTE)
        session.flush()
        dead = session.exec(select(Job).where(Job.status == JobStatus.DEAD)).one()
        session.add(DeadLetter(job_id=dead.id, workspace_id=actor.workspace_id, reason="It broke.", attempts=3))
        session.add(Worker(id="host|7|1", queues=["collect"], concurrency=2, heartbeat_at=now))
        session.add(Worker(id="gone|8|1", queues=[], concurrency=9, heartbeat_at=now - MINUTE))
        return analysis.id
