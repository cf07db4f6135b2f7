"""Whatever happens to jobs and analyses, in whatever order: nothing is lost, nothing done twice, all adds up.

A model in a few sentences: work is a count that goes up by one with each commit of whoever holds the job. Hypothesis
plays workers that crash and wake up late, messages lost, doubled and in any order, a scheduler, and an impatient owner,
against the real services on a real database; after every step the invariants hold, and at the end the whole is done.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import update
from sqlmodel import SQLModel, col, func, select

from app.core import bus
from app.core import jobs as wires
from app.core.db import Database, database_now
from app.core.errors import CapReached, Conflict
from app.models import (
    Analysis,
    CostEntry,
    DeadLetter,
    Item,
    Job,
    JobEvent,
    Member,
    Reservation,
    ReservationStatus,
    Role,
    User,
    Worker,
    Workspace,
)
from app.services import analyses, choices, claims, ledger, prices, steering, taking, upkeep
from app.services.access import Actor, ActorKind
from app.services.choices import Choice
from app.services.claims import Claim, ClaimLost
from app.services.contract import ChoiceOption
from app.services.prices import Price
from app.services.stages.work import Work
from app.services.steering import Steer
from app.services.transitions import ANALYSIS_AT_WORK, ANALYSIS_CLOSED, JOB_OPEN, JOB_WAITING
from integrations.errors import NeedsReauth, RateLimited, Rejected, Unreachable
from tasks import base
from tests.factories import ask, claimed, item

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking, which takes minutes here: the failing run is printed as it was."""

LENGTH = int(os.environ.get("MODEL_LENGTH", "1"))
"""A longer search, by hand: `MODEL_LENGTH=20`."""

CAP = 40_000
"""Ten worst cases: now and then the cap is met."""

OPTIONS = [ChoiceOption(choice="go_on", likely_micros=0, most_micros=1)]

which = st.integers(0, 50)
Fresh = Callable[[], Database]


class Stack(RuleBasedStateMachine):
    """Real services, and a model of workers and messages."""

    fresh: Fresh
    messages: list[str]

    def __init__(self) -> None:
        super().__init__()
        self.store = type(self).fresh()
        self.messages = type(self).messages
        self.messages.clear()
        self.held: list[Claim] = []
        """In the hands of workers that live."""
        self.late: list[Claim] = []
        """In the hands of workers that were taken for dead and wake up again."""
        self.open: dict[tuple[str, int], str] = {}
        """The reservation of each claim."""
        self.fences: dict[str, int] = {}
        self.steps: dict[str, int] = {}
        """Commits of each job since it was begun, as the model counts them."""
        self.analyses: list[str] = []
        self.number = 0
        with self.store.write() as session:
            workspace, user = Workspace(name="Observatory"), User(name="Ada")
            session.add_all([workspace, user])
            session.flush()
            session.add(Member(workspace_id=workspace.id, user_id=user.id, role=Role.OWNER))
        self.actor = Actor(ActorKind.USER, user.id, workspace.id, Role.OWNER, "Ada")

    # --- what is asked for -------------------------------------------------------------------------------------------

    @initialize(sources=st.integers(1, 3))
    def begin(self, sources: int) -> None:
        self.ask(sources)

    @precondition(lambda self: len(self.analyses) < 3)
    @rule(sources=st.integers(1, 3))
    def ask(self, sources: int) -> None:
        with self.store.write() as session:
            names = [f"place{len(self.analyses)}n{number}" for number in range(sources)]
            self.analyses.append(ask(session, self.actor, *names, max_cost_micros=CAP).id)

    # --- messages and workers ----------------------------------------------------------------------------------------

    @precondition(lambda self: self.messages)
    @rule(at=which, twice=st.booleans())
    def deliver(self, at: int, twice: bool) -> None:
        """Any message, in any order, perhaps twice."""
        at %= len(self.messages)
        if not twice:
            self.messages.pop(at)
        self.take()

    @precondition(lambda self: self.messages)
    @rule(at=which)
    def lose_a_message(self, at: int) -> None:
        self.messages.pop(at % len(self.messages))

    @precondition(lambda self: self.messages)
    @rule()
    def lose_the_broker(self) -> None:
        self.messages.clear()

    @precondition(lambda self: self.analyses)
    @rule(at=which)
    def take_one_by_its_id(self, at: int) -> None:
        """A version of the program that takes what the message names runs beside this one."""
        self.take(self.job(at).id)

    def take(self, job_id: str | None = None) -> Claim | None:
        """Take the job whose turn it is, or one by its id."""
        with self.store.write() as session:
            if job_id is None:
                found = taking.claim_next(session, taking.Slot("w", "pool", (), 0), lease_seconds=3600)
                claim = next(iter(found), None)
            else:
                claim = claimed(session, job_id, worker="w", lease_seconds=3600)
        if claim is not None:
            assert claim.fence > self.fences.get(claim.job_id, 0), "a fence came twice"
            self.fences[claim.job_id] = claim.fence
            self.late += [one for one in self.held if one.job_id == claim.job_id]
            self.held = [one for one in self.held if one.job_id != claim.job_id]
            self.held.append(claim)
            if claim.cursor is None:
                self.steps[claim.job_id] = 0  # its stage began anew, or it never committed
            assert self.cursor(claim) == self.steps[claim.job_id], "the cursor is not where the last commit left it"
        return claim

    @staticmethod
    def cursor(claim: Claim) -> int:
        return int((claim.cursor or {}).get("at", 0))

    def is_ours(self, claim: Claim) -> bool:
        with self.store.read() as session:
            job = session.get_one(Job, claim.job_id)
        return job.status == "running" and job.fence == claim.fence

    def by(self, claim: Claim, act: Callable[[], object]) -> None:
        """Act with a claim: what is not ours any more is refused whole, what is ours is not."""
        ours = self.is_ours(claim)
        try:
            act()
        except ClaimLost:
            assert not ours
            self.held = [one for one in self.held if one != claim]
            self.late = [one for one in self.late if one != claim]
        else:
            assert ours, "a late twin was let through"

    def anyone(self, at: int, late: bool) -> Claim | None:
        hands = self.late if late and self.late else self.held
        return hands[at % len(hands)] if hands else None

    @precondition(lambda self: self.held or self.late)
    @rule(at=which, late=st.booleans())
    def commit_work(self, at: int, late: bool) -> None:
        claim = self.anyone(at, late)
        if claim is None:
            return

        def act() -> None:
            with Work(claim, self.store).commit(cursor={"at": self.steps[claim.job_id] + 1}) as (session, analysis):
                self.settle(session, claim)
                self.number += 1
                session.add(item(analysis, self.number, job_id=claim.job_id))
            self.steps[claim.job_id] += 1

        self.by(claim, act)

    @precondition(lambda self: self.held or self.late)
    @rule(at=which, late=st.booleans())
    def reserve(self, at: int, late: bool) -> None:
        """Hold back the worst case of a call; at the cap, give up as the program does."""
        claim = self.anyone(at, late)
        if claim is None or (claim.job_id, claim.fence) in self.open:
            return

        def act() -> None:
            with Work(claim, self.store).commit() as (session, _):
                self.open[claim.job_id, claim.fence] = ledger.reserve(
                    session, claim, ordinal=0, step=claim.kind, provider="reddit", unit="request", worst=4
                )

        try:
            self.by(claim, act)
        except CapReached as error:
            self.end(claim, base._after_refusal(claim, error))

    def settle(self, session, claim: Claim) -> None:
        reservation = self.open.get((claim.job_id, claim.fence))
        if reservation is not None:
            ledger.settle(session, claim, reservation, quantity=1)

    @precondition(lambda self: self.held or self.late)
    @rule(at=which, late=st.booleans())
    def finish(self, at: int, late: bool) -> None:
        claim = self.anyone(at, late)
        if claim is None:
            return

        def act() -> None:
            with Work(claim, self.store).finish() as (session, _):
                self.settle(session, claim)
            self.drop(claim)

        self.by(claim, act)

    @precondition(lambda self: self.held or self.late)
    @rule(
        at=which,
        late=st.booleans(),
        error=st.sampled_from(
            [
                RateLimited("Reddit wants a pause.", provider="reddit", retry_after=5, status=429),
                Unreachable("Reddit did not answer.", provider="reddit"),
                Rejected("Reddit does not know that place.", provider="reddit"),
                NeedsReauth("Connect Reddit again.", provider="reddit"),
            ]
        ),
    )
    def be_refused(self, at: int, late: bool, error) -> None:
        claim = self.anyone(at, late)
        if claim is not None:
            self.end(claim, base._after_refusal(claim, error))

    def end(self, claim: Claim, outcome: Callable[..., None]) -> None:
        def act() -> None:
            with self.store.write() as session:
                outcome(session)
            self.drop(claim)

        self.by(claim, act)

    def drop(self, claim: Claim) -> None:
        self.held = [one for one in self.held if one != claim]
        self.late = [one for one in self.late if one != claim]

    @precondition(lambda self: self.held)
    @rule(at=which, beats=st.booleans())
    def beat(self, at: int, beats: bool) -> None:
        claim = self.held[at % len(self.held)]
        with self.store.write() as session:
            assert claims.beat(session, claim, lease_seconds=3600) == self.is_ours(claim)

    @precondition(lambda self: self.held)
    @rule(at=which, wakes_up=st.booleans())
    def crash(self, at: int, wakes_up: bool) -> None:
        """A worker dies, or stalls for so long that it is taken for dead; its lease runs out."""
        claim = self.held.pop(at % len(self.held))
        if wakes_up:
            self.late.append(claim)
        if self.is_ours(claim):
            self.move_clock(Job, Job.id == claim.job_id, "lease_until")

    # --- time and scheduler ------------------------------------------------------------------------------------------

    def move_clock(self, table, condition, *names: str) -> None:
        with self.store.write() as session:
            past = database_now(session) - timedelta(hours=2)
            session.connection().execute(update(table).where(condition).values(dict.fromkeys(names, past)))

    @rule()
    def time_passes(self) -> None:
        self.move_clock(Job, col(Job.status).in_(JOB_WAITING) & col(Job.sent_at).is_not(None), "sent_at")
        self.move_clock(Job, col(Job.status).in_(JOB_WAITING), "run_after")
        self.move_clock(Reservation, Reservation.status == ReservationStatus.OPEN, "created_at")

    @rule()
    def sweep(self) -> None:
        with self.store.write() as session:
            worker = session.get(Worker, "one") or Worker(
                id="one", queues=[], concurrency=9, heartbeat_at=database_now(session)
            )
            worker.heartbeat_at = database_now(session)
            session.add(worker)
        upkeep.reclaim_expired(self.store)
        upkeep.resend_due(self.store)
        with self.store.write() as session:
            ledger.settle_abandoned(session)

    # --- the owner ---------------------------------------------------------------------------------------------------

    @rule(at=which, act=st.sampled_from([analyses.pause, analyses.resume]))
    def steer_the_analysis(self, at: int, act) -> None:
        self.owner(lambda session: act(session, self.actor, self.analyses[at % len(self.analyses)]))

    @rule(at=which, chance=st.integers(0, 5))
    def cancel_the_analysis(self, at: int, chance: int) -> None:
        if chance == 0:
            self.owner(lambda session: analyses.cancel(session, self.actor, self.analyses[at % len(self.analyses)]))

    @rule(at=which, move=st.sampled_from(Steer), edit=st.booleans())
    def steer_a_job(self, at: int, move: Steer, edit: bool) -> None:
        job = self.job(at)
        payload = None
        if edit and move is Steer.RETRY and job.kind == "collect":
            payload = {"source": {"provider": "reddit", "query": {"subreddit": f"edited{job.fence}"}}}
        self.owner(lambda session: steering.steer(session, self.actor, job.id, move, payload=payload))

    @rule(at=which, count=st.integers(2, 4), move=st.sampled_from(Steer))
    def steer_many_jobs(self, at: int, count: int, move: Steer) -> None:
        some = [self.job(at + number).id for number in range(count)]
        self.owner(lambda session: steering.steer_many(session, self.actor, some, move))

    @precondition(lambda self: self.held)
    @rule(at=which)
    def ask_for_a_choice(self, at: int) -> None:
        """A job finds the threshold passed: the analysis is held until its owner has chosen."""
        claim = self.held[at % len(self.held)]
        with self.store.read() as session:
            if session.get_one(Analysis, claim.analysis_id).status != "running":
                return

        def act() -> None:
            with Work(claim, self.store).commit() as (session, analysis):
                choices.ask(session, claim, analysis, next_micros=1, options=OPTIONS)

        self.by(claim, act)

    @rule(at=which)
    def choose(self, at: int) -> None:
        analysis_id = self.analyses[at % len(self.analyses)]
        self.owner(lambda session: choices.choose(session, self.actor, analysis_id, Choice.GO_ON))

    def owner(self, act: Callable[..., object]) -> None:
        try:
            with self.store.write() as session:
                act(session)
        except Conflict:
            pass  # not possible there; the tables are tested by themselves

    def job(self, at: int) -> Job:
        with self.store.read() as session:
            found = session.exec(select(Job).order_by(col(Job.id))).all()
        return found[at % len(found)]

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def all_is_in_order(self) -> None:
        with self.store.read() as session:
            rows = {row.id: row for row in session.exec(select(Analysis))}
            jobs = session.exec(select(Job)).all()
            assert set(rows) == set(self.analyses)
            for job in jobs:
                analysis = rows[job.analysis_id or ""]
                self.job_is_in_order(session, job, analysis)
            for analysis in rows.values():
                self.analysis_is_in_order(session, analysis, [job for job in jobs if job.analysis_id == analysis.id])

    def job_is_in_order(self, session, job: Job, analysis: Analysis) -> None:
        assert job.fence == self.fences.get(job.id, 0)
        assert 0 <= job.attempts <= job.max_attempts
        assert int((job.cursor or {}).get("at", 0)) == (self.steps.get(job.id, 0) if job.cursor else 0)
        if job.status in JOB_WAITING:
            assert analysis.status in ANALYSIS_AT_WORK
            assert job.attempts < job.max_attempts, "nobody could ever claim it"
        if job.status == "running":
            assert job.lease_until is not None
            assert analysis.status in ANALYSIS_AT_WORK
        if job.status == "needs_auth":
            assert analysis.status == "needs_auth"
        letters = session.exec(
            select(func.count())
            .select_from(DeadLetter)
            .where(DeadLetter.job_id == job.id, col(DeadLetter.resolved_at).is_(None))
        ).one()
        assert letters <= (job.status == "dead")

    def analysis_is_in_order(self, session, analysis: Analysis, jobs: list[Job]) -> None:
        still = [job for job in jobs if job.status in JOB_OPEN]
        if analysis.status in ANALYSIS_CLOSED:
            assert still == []
            assert analysis.reserved_micros == 0
            assert analysis.finished_at is not None
        elif analysis.status in ANALYSIS_AT_WORK:
            assert any(job.kind == analysis.stage for job in still), "nothing of its stage is left to bring it on"
        else:
            assert all(job.status == "paused" for job in still)
        spent = session.exec(
            select(func.coalesce(func.sum(CostEntry.amount_micros), 0)).where(CostEntry.analysis_id == analysis.id)
        ).one()
        held_back = session.exec(
            select(func.coalesce(func.sum(Reservation.worst_case_micros), 0)).where(
                Reservation.analysis_id == analysis.id, Reservation.status == ReservationStatus.OPEN
            )
        ).one()
        assert (analysis.spent_micros, analysis.reserved_micros) == (spent, held_back)
        assert spent + held_back <= CAP
        assert sum(job.cost_micros for job in jobs) == spent
        numbers = session.exec(
            select(JobEvent.sequence).where(JobEvent.analysis_id == analysis.id).order_by(col(JobEvent.sequence))
        ).all()
        assert list(numbers) == list(range(1, len(numbers) + 1))
        items = session.exec(select(func.count()).select_from(Item).where(Item.analysis_id == analysis.id)).one()
        assert items <= self.number

    def teardown(self) -> None:
        """Every worker dies, every message is lost; what was accepted still comes to its end, by the sweep alone."""
        if not self.analyses:
            return
        self.messages.clear()
        for claim in list(self.held):
            self.held = [claim]
            self.crash(0, wakes_up=False)
        self.late.clear()
        for _ in range(60):
            for analysis_id in self.analyses:
                self.owner(lambda session, one=analysis_id: analyses.resume(session, self.actor, one))
                self.owner(lambda session, one=analysis_id: choices.choose(session, self.actor, one, Choice.GO_ON))
            for job in self.paused():
                self.owner(lambda session, one=job: steering.steer(session, self.actor, one, Steer.RESUME))
            self.time_passes()
            self.sweep()
            while self.messages:
                self.messages.pop()
                claim = self.take()
                if claim is not None:
                    self.held = [claim]
                    self.commit_work(0, late=False)
                    self.finish(0, late=False)
            self.all_is_in_order()
            with self.store.read() as session:
                statuses = session.exec(select(Analysis.status)).all()
            if all(status in ANALYSIS_CLOSED for status in statuses):
                break
        else:
            raise AssertionError(f"accepted work was lost: {self.report()}")
        self.store.dispose()

    def report(self) -> str:
        with self.store.read() as session:
            rows = [f"{row.id[-4:]} {row.status} {row.stage}" for row in session.exec(select(Analysis))]
            return "\n".join(
                rows
                + [
                    f"{(job.analysis_id or '')[-4:]} {job.kind} {job.status} {job.attempts}/{job.max_attempts} "
                    f"fence={job.fence} sent={job.sent_at} {job.error_message}"
                    for job in session.exec(select(Job).order_by(col(Job.id)))
                ]
            )

    def paused(self) -> list[str]:
        with self.store.read() as session:
            return list(session.exec(select(Job.id).where(Job.status == "paused")))


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Catch what goes to the broker; let a call cost something."""
    caught: list[str] = []
    monkeypatch.setattr(wires, "send", lambda wakeup: caught.append(wakeup.job_id))
    monkeypatch.setattr(bus, "publish", lambda *_: None)
    monkeypatch.setattr(prices, "PRICES", (Price("reddit", "request", 1_000_000_000, "A test's price."),))
    return caught


def check(fresh: Fresh, messages: list[str], *, examples: int, steps: int) -> None:
    machine = type("Machine", (Stack,), {"fresh": staticmethod(fresh), "messages": messages})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=PHASES,
        ),
    )


def test_nothing_is_lost_or_done_twice_on_sqlite(
    data_folder: Path,
    _sqlite_template: Path,  # noqa: PT019 - it gives the file's path
    messages: list[str],
):
    numbers: Iterator[int] = iter(range(10**6))

    def fresh() -> Database:
        for old in data_folder.glob("model-*"):
            old.unlink()
        path = data_folder / f"model-{next(numbers)}.sqlite3"
        shutil.copy(_sqlite_template, path)
        return Database(f"sqlite:///{path}")

    check(fresh, messages, examples=LENGTH * 12, steps=40)


def test_nothing_is_lost_or_done_twice_on_postgresql(postgresql_database: Database, messages: list[str]):
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)

    def fresh() -> Database:
        with postgresql_database.writer.begin() as connection:
            connection.exec_driver_sql(f"TRUNCATE {names}")
        return Database(postgresql_database.url)

    check(fresh, messages, examples=LENGTH * 3, steps=30)
