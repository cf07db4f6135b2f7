"""Many analyses at once with a model that lies in every way it can: `python -m tests.benchmarks.model_races`.

Fifty threads run the real stage against the sandbox's endpoint over HTTP, under small caps, and choose at random when
they are asked. A watcher reads what is spent and held back all the while.
"""

from __future__ import annotations

import contextlib
import os
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col, func, select

from app.core import db, migrate
from app.core.db import Database
from app.core.errors import Conflict
from app.core.settings import settings
from app.models import Analysis, AnalysisStatus, CostEntry, Item, Job, JobStatus, Opportunity, Reservation, Stage
from app.services import analyses, choices, verification
from app.services.access import Actor
from app.services.choices import Choice
from app.services.contract import AnalysisView
from app.services.stages import plan
from app.services.transitions import ANALYSIS_CLOSED
from integrations.sandbox.faults import LIES, Fault
from integrations.sandbox.server import SandboxServer
from tasks import base
from tests.app.services.synthesised import seed
from tests.benchmarks.people import new_actor
from tests.conftest import forget_process
from tests.factories import ask

FAILURES = (
    Fault("status", remote="openai", status=500, probability=0.05, seed=1),
    Fault("status", remote="openai", status=429, retry_after="1", probability=0.05, seed=2),
    Fault("reset", remote="openai", probability=0.05, seed=3),
    Fault("truncated", remote="openai", probability=0.03, seed=4),
    Fault("malformed", remote="openai", probability=0.03, seed=5),
)
LEAST_CAP, MOST_CAP = 500, 12_000
"""Micro-USD: from too little for one call to enough for all."""


@dataclass
class Race:
    """What was seen."""

    looks: int = 0
    worst_share: float = 0.0
    """The most that was spent and held back, as a share of a cap."""
    ends: Counter[str] = field(default_factory=Counter)
    engines: Counter[str] = field(default_factory=Counter)
    stamped: int = 0
    asked: int = 0
    calls: int = 0
    noted_micros: int = 0
    """What the calls truly took at the endpoint, by its own count, without its cache."""
    spent_micros: int = 0
    faults: list[str] = field(default_factory=list)


def race(database: Database, actor: Actor, sandbox: SandboxServer, *, runs: int, seconds: float) -> Race:
    """Run so many analyses at once; return what was seen."""
    for fault in (*FAILURES, *(_lie(lie, at) for at, lie in enumerate(LIES["openai"]))):
        sandbox.faults.set(fault)
    seen = Race()
    ids = [_ready(database, actor, number) for number in range(runs)]
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(database, seen, over))
    watcher.start()
    deadline = time.monotonic() + seconds
    threads = [threading.Thread(target=_drive, args=(database, actor, one, seen, deadline)) for one in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    over.set()
    watcher.join()
    _judge(database, actor, sandbox, ids, seen)
    return seen


def _lie(lie: str, at: int) -> Fault:
    return Fault("lie", remote="openai", lie=lie, probability=0.04, seed=100 + at)


def _ready(database: Database, actor: Actor, number: int) -> str:
    rng = random.Random(number)
    with database.write() as session:
        analysis = ask(
            session,
            actor,
            engine="model",
            question=f"What do people want, number {number}?",
            max_cost_micros=rng.randint(LEAST_CAP, MOST_CAP),
            rescore=number % 2 == 0,
        )
        session.flush()
        for job in session.exec(select(Job).where(Job.analysis_id == analysis.id)):
            job.status = JobStatus.SUCCEEDED
        seed(session, analysis, count=30 + number)
        analysis.stage = Stage.CLUSTER
        analysis.status = AnalysisStatus.RUNNING
        session.flush()
        plan.advance(session, analysis)
        return analysis.id


def _drive(database: Database, actor: Actor, analysis_id: str, seen: Race, deadline: float) -> None:
    """Run the jobs of one analysis as they become due, and choose when it asks."""
    rng = random.Random(analysis_id)
    while time.monotonic() < deadline:
        with database.read() as session:
            status = session.get_one(Analysis, analysis_id).status
        if status in ANALYSIS_CLOSED:
            return
        if status == AnalysisStatus.NEEDS_CHOICE:
            seen.asked += 1
            with contextlib.suppress(Conflict), database.write() as session:
                choices.choose(session, actor, analysis_id, rng.choice(list(Choice)))
            continue
        with database.write() as session:
            job = session.exec(
                select(Job).where(
                    Job.analysis_id == analysis_id, col(Job.status).in_([JobStatus.QUEUED, JobStatus.RETRYING])
                )
            ).first()
            if job is None:
                continue
            job.run_after = job.created_at
            job_id = job.id
        base.run_job(job_id)
        time.sleep(0.02)  # it may have been another's turn
    seen.faults.append(f"{analysis_id} did not end in time")


def _watch(database: Database, seen: Race, over: threading.Event) -> None:
    while not over.is_set():
        with database.read() as session:
            rows = session.exec(select(Analysis.spent_micros, Analysis.reserved_micros, Analysis.cap_micros)).all()
        seen.looks += 1
        for spent, reserved, cap in rows:
            seen.worst_share = max(seen.worst_share, (spent + reserved) / cap)
        over.wait(0.005)


def _judge(database: Database, actor: Actor, sandbox: SandboxServer, ids: Sequence[str], seen: Race) -> None:
    calls = [call for call in sandbox.log.entries() if call["remote"] == "openai"]
    noted = [call["noted"] for call in calls if call.get("noted")]
    seen.calls = len(calls)
    seen.noted_micros = sum((one["input_tokens"] * 25 + one["output_tokens"] * 200) // 100 for one in noted)
    with database.read() as session:
        for analysis_id in ids:
            view = analyses.view(session, actor, analysis_id)
            seen.ends[view.status] += 1
            seen.engines.update(one.engine for one in view.results.opportunities)
            seen.spent_micros += view.cost.spent_micros
            local = all(one.engine == "local" for one in view.results.opportunities)
            seen.stamped += bool(view.degraded)
            if local and not view.degraded:
                seen.faults.append(f"{analysis_id}: the local engine stood in, unstamped")
            if view.cost.reserved_micros:
                seen.faults.append(f"{analysis_id}: {view.cost.reserved_micros} still held back")
            total = session.exec(
                select(func.coalesce(func.sum(CostEntry.amount_micros), 0)).where(CostEntry.analysis_id == analysis_id)
            ).one()
            if int(total) != view.cost.spent_micros:
                seen.faults.append(f"{analysis_id}: the ledger says {total}, the analysis {view.cost.spent_micros}")
            if not verification.verify(session, actor, analysis_id).holds:
                seen.faults.append(f"{analysis_id}: what is shown does not hold")
            known = set(session.exec(select(Item.id).where(Item.analysis_id == analysis_id)))
            seen.faults += _wrongly_shown(view, known)
        if session.exec(select(func.count()).select_from(Opportunity)).one() == 0:
            seen.faults.append("nothing was found at all")
        if session.exec(select(func.count()).select_from(Reservation).where(Reservation.status == "open")).one():
            seen.faults.append("a reservation is still open")


def _wrongly_shown(view: AnalysisView, known: set[str]) -> list[str]:
    """Say what a page would show that no item holds."""
    found = []
    shown = [f"{one.title} {one.summary}" for one in view.results.opportunities]
    shown += [one.name for one in view.results.topics]
    if view.results.summary is not None:
        shown += [one.text for one in view.results.summary.sentences]
        if not {item for one in view.results.summary.sentences for item in one.item_ids} <= known:
            found.append(f"{view.id}: the summary cites what is not there")
    if any(word in text.lower() for text in shown for word in ("evil", "http", "ignore", "<", "](")):
        found.append(f"{view.id}: shows {shown}")
    return found


@contextlib.contextmanager
def _place() -> Iterator[tuple[Database, SandboxServer]]:
    with tempfile.TemporaryDirectory(prefix="ast-") as name, SandboxServer(secret="race", scale=0.01) as sandbox:
        for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
            del os.environ[variable]
        os.environ |= {
            "ASTERISM_DATA_DIR": str(Path(name)),
            "ASTERISM_LOG_LEVEL": "error",
            "ASTERISM_WORKSPACE_RUNNING": "64",
            "ASTERISM_SANDBOX_URL": sandbox.url,
        }
        forget_process()
        settings.cache_clear()
        migrate.upgrade(db.database())
        yield db.database(), sandbox
        forget_process()


def main(runs: int = 50) -> None:
    """Run the race and print what was seen."""
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with _place() as (database, sandbox):
        begun = time.monotonic()
        seen = race(database, new_actor(), sandbox, runs=runs, seconds=400)
        print(
            f"{runs} analyses in {time.monotonic() - begun:.0f} s, {seen.calls} calls, {seen.asked} choices asked for"
        )
        print(f"spent and held back at most {seen.worst_share:.3f} of a cap in {seen.looks:,} looks")
        print(f"ends {dict(seen.ends)}, findings by {dict(seen.engines)}, stamped {seen.stamped}")
        print(f"spent {seen.spent_micros:,} micro-dollars; the endpoint truly took {seen.noted_micros:,}")
        print("nothing wrong" if not seen.faults else "\n".join(seen.faults))


if __name__ == "__main__":
    main()
