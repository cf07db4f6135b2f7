"""The whole way to a model and back, over real HTTP: the engine, the adapter, and a stand-in that fails and lies.

Its request log says what each call truly took; the ledger is held against it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from app.core.db import Database
from app.core.settings import settings
from app.models import Analysis, CostEntry, Job, JobStatus
from app.services import taking, verification
from app.services.access import Actor
from integrations.ai import openai as adapter
from integrations.sandbox.faults import LIES, Fault
from integrations.sandbox.server import SandboxServer
from tasks import base
from tests.app.services.stages.test_synthesise_with_model import money, ready, shown, turn

READ, WRITTEN = 1.0, 6.0
"""Micro-dollars for a token; one from the cache is as dear as any other here."""
RUNS = 50


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(secret="s", scale=0.01) as server:
        yield server


@pytest.fixture
def sandbox(running_sandbox: SandboxServer, data_folder, monkeypatch: pytest.MonkeyPatch) -> SandboxServer:
    """Set the program up with the stand-in as if it were a server of its owner's."""
    running_sandbox.faults.clear()
    running_sandbox.log.clear()
    adapter._chat_only.clear()
    values = {
        "BASE_URL": f"{running_sandbox.url}/openai/v1", "API_KEY": "sandbox", "INPUT_PRICE": str(READ),
        "OUTPUT_PRICE": str(WRITTEN), "REQUESTS_PER_MINUTE": "60000", "MODEL": "reader",
    }  # fmt: skip
    monkeypatch.setenv("ASTERISM_WORKSPACE_RUNNING", str(RUNS))
    for name, value in values.items():
        monkeypatch.setenv(f"ASTERISM_OPENAI_{name}", value)
    settings.cache_clear()
    return running_sandbox


def true_micros(sandbox: SandboxServer) -> float:
    """Return what all calls really took, at the prices of this file."""
    notes = [entry["noted"] for entry in sandbox.control.requests() if "noted" in entry]
    return sum(note["input_tokens"] * READ + note["output_tokens"] * WRITTEN for note in notes)


def finished(database: Database, analysis_id: str) -> None:
    """Run the stage as often as it is due, then the report."""
    for _ in range(8):
        with database.read() as session:
            job = session.exec(select(Job).where(Job.analysis_id == analysis_id, Job.kind == "synthesise")).one()
        if job.status not in {JobStatus.QUEUED, JobStatus.RETRYING}:
            break
        turn(database, analysis_id)
    turn(database, analysis_id, "report")


def test_findings_are_worded_by_the_model_and_cost_what_it_took(
    database: Database, workspace_actor: Actor, sandbox: SandboxServer
) -> None:
    analysis_id = ready(database, workspace_actor)
    finished(database, analysis_id)
    view = shown(database, workspace_actor, analysis_id)
    assert view.status == "completed"
    assert view.degraded == []
    assert [found.engine for found in view.results.opportunities] == ["reader"]
    tasks = [entry["noted"]["task"] for entry in sandbox.control.requests()]
    assert tasks == ["opportunities", "summary"]
    with database.read() as session:
        spent, reserved = money(session, analysis_id)
        assert reserved == 0
        assert true_micros(sandbox) <= spent <= true_micros(sandbox) + 3 * len(tasks), "rounded up for each unit"
        assert verification.verify(session, workspace_actor, analysis_id).holds


INVENTED = ("i9999", "t9999", "t3_zzzz", "evil", "gladly pay one thousand", "http", "Ignore all", "<img", "](")
LATER = ("usage_text", "empty", "no_object", "not_a_number", "no_output", "filtered", "no_model")
"""Seen through by the adapter in the same way as others, which stand for them here."""


@pytest.mark.parametrize("lie", [lie for lie in LIES["openai"] if lie not in LATER])
def test_whatever_a_model_does_nothing_invented_is_shown_and_no_cap_is_passed(
    sqlite_database: Database, workspace_actor: Actor, sandbox: SandboxServer, lie: str
) -> None:
    sandbox.control.set_fault(Fault("lie", remote="openai", lie=lie))
    analysis_id = ready(sqlite_database, workspace_actor)
    finished(sqlite_database, analysis_id)
    view = shown(sqlite_database, workspace_actor, analysis_id)
    assert view.status == "completed"
    assert view.results.opportunities
    said = view.results.model_dump_json(
        exclude={"opportunities": {"__all__": {"evidence": {"__all__": {"permalink"}}}}}
    )
    words = said.replace("https://www.reddit.com", "")
    assert [sign for sign in INVENTED if sign in words] == []
    with sqlite_database.read() as session:
        spent, reserved = money(session, analysis_id)
        assert reserved == 0
        assert spent >= true_micros(sandbox)
        assert verification.verify(session, workspace_actor, analysis_id).holds
    if any(found.engine == "local" for found in view.results.opportunities) and lie not in {"foreign_quotes", "obeys"}:
        assert view.degraded or lie == "foreign_ids", "whoever stands in is named"


FAULTS = [
    *(Fault("lie", remote="openai", lie=lie, probability=0.06, seed=place) for place, lie in enumerate(
        ("usage_huge", "usage_zero", "usage_negative", "usage_missing", "foreign_ids", "foreign_quotes", "prose", "cut")
    )),
    Fault("status", remote="openai", status=500, probability=0.06, seed=91),
    Fault("status", remote="openai", status=429, retry_after="1", probability=0.06, seed=92),
    Fault("reset", remote="openai", probability=0.06, seed=93),
    Fault("slow", remote="openai", seconds=0.1, probability=0.1, seed=94),
]  # fmt: skip


@pytest.mark.timeout(300)
def test_fifty_runs_at_once_with_a_lying_model_pass_no_cap_at_any_moment(
    database: Database, workspace_actor: Actor, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "pool", taking.Slot("", pool="one worker"))
    caps = [10_000 + 1_500 * number for number in range(RUNS)]
    ids = [
        ready(database, workspace_actor, max_cost_micros=cap, question=f"What do they lack, {number}?")
        for number, cap in enumerate(caps)
    ]
    for fault in FAULTS:
        sandbox.control.set_fault(fault)
    passed: list[tuple[int, int, int]] = []
    looks = 0
    over = threading.Event()

    def watch() -> None:
        nonlocal looks
        while not over.is_set():
            with database.read() as session:
                rows = session.exec(select(Analysis.spent_micros, Analysis.reserved_micros, Analysis.cap_micros)).all()
            passed.extend(row for row in rows if row[0] + row[1] > row[2])
            looks += 1
            over.wait(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(12):  # some are to be tried again; whose turn it is, the queue decides
            with database.write() as session:
                due = session.exec(select(Job).where(Job.status.in_([JobStatus.QUEUED, JobStatus.RETRYING]))).all()
                for job in due:
                    job.run_after = job.created_at
                jobs = [job.id for job in due]
            if not jobs:
                break
            with ThreadPoolExecutor(RUNS) as pool:
                list(pool.map(base.run_job, jobs))
    finally:
        over.set()
        watcher.join()

    assert jobs == []
    assert looks > 5
    assert passed == []
    with database.read() as session:
        runs = session.exec(select(Analysis)).all()
        entries = session.exec(select(CostEntry)).all()
        assert {run.id for run in runs} == set(ids)
        assert [run.id for run in runs if run.reserved_micros] == []
        for run in runs:
            assert run.spent_micros == sum(entry.amount_micros for entry in entries if entry.analysis_id == run.id)
            assert run.spent_micros <= run.cap_micros
    assert len(sandbox.control.requests()) > RUNS, "most of them could pay for calls"
    assert sum(entry.amount_micros for entry in entries) >= true_micros(sandbox), "never less than what it took"
