"""Jobs of the suite's own, run by the real queue in place of `collect`: they take a time, and may kill or fail.

The effect of an errand is one line in the timeline, written in the transaction that closes the job. No rule of the
database keeps it from being written twice, so it shows what the queue does.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import Session

from app.core.ids import new_id
from app.core.jobs import QueueClass
from app.models import Analysis
from app.services import queueing, timeline
from app.services.access import Actor
from app.services.stages.work import Work

DONE = "errand.done"
QUESTION = "Are all errands done?"
"""Of an analysis that nobody asked for through the service, so that no act tells of its start."""
SOURCE = {"provider": "reddit", "query": {"subreddit": "productivity"}}


def run(work: Work) -> None:
    """Do one errand."""
    errand: Mapping[str, Any] = work.held.payload["errand"]
    steps = int(errand.get("steps", 1))
    start = int((work.held.cursor or {}).get("step", 0))
    for step in range(start, steps):
        time.sleep(float(errand["seconds"]) / steps)
        if errand.get("how") == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if errand.get("how") == "raise":
            raise ValueError("poison")
        if step + 1 < steps:
            with work.commit(cursor={"step": step + 1}, done=step + 1):
                pass
    with work.finish(done=steps, total=steps) as (session, analysis):
        timeline.record(session, analysis, DONE, f"Errand {errand['name']} is done.", job_id=work.held.job_id)


def ask(
    session: Session, actor: Actor, errands: Sequence[Mapping[str, Any]], *, max_attempts: int = 5, version: int = 1
) -> str:
    """Put an analysis of errands in line; returns its id."""
    analysis = Analysis(
        id=new_id(),
        workspace_id=actor.workspace_id,
        requested_by=actor.reference,
        question=QUESTION,
        request={"sources": [SOURCE]},
        sample=True,
        cap_micros=1_000_000,
    )
    session.add(analysis)
    session.flush()
    timeline.record(session, analysis, "analysis.queued", "Asked for errands.")
    for number, errand in enumerate(errands):
        queueing.enqueue(
            session,
            analysis,
            kind="collect",
            name=f"collect:{number}",
            payload={"source": SOURCE, "errand": dict(errand)},
            provider="reddit",
            max_attempts=max_attempts,
            queue=QueueClass(str(errand["queue"])) if "queue" in errand else None,
        )
    queueing.dispatch(session, analysis.id)
    return analysis.id
