"""Operations: queues, workers and jobs of all workspaces, for those who run this installation."""

from __future__ import annotations

import time
from contextlib import aclosing
from dataclasses import replace
from typing import Any, get_args
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from app.core import bus, edge, hub
from app.core.errors import AppError, NotSignedIn
from app.core.paging import Page
from app.core.topic import Update
from app.services import operations, operations_bulk, operations_jobs, steering
from app.services.access import Action, Actor, can, require
from app.services.operations import OperationsView
from app.services.operations_jobs import OperationsJob
from app.services.steering import Steer
from state import words
from state.analysis_live import paced
from state.base import Base
from state.gate import SIGN_IN, event
from state.live import Live
from state.operations_bulk import ASKS, NOT_DONE, PAST, SILENT_SECONDS, Move, heard_of, told_all
from state.operations_opened import JobId
from state.operations_rows import (
    OperationsJobShown,
    QueueShown,
    WorkerShown,
    job_row,
    queue_row,
    worker_row,
)

PAGE_SIZE = 50
LOOK_SECONDS = 1.0
"""How often the tables are read at most, however much happens."""
STATE_WORDS = {
    "open": "Open",
    "waiting": "Waiting",
    "running": "Running",
    "stuck": "Stuck",
    "dead": "Given up",
    "finished": "Ended",
    "all": "All",
}


def _both(session: Session, actor: Actor, state: Any, queue: str, cursor: str | None) -> tuple[Any, Any]:
    return (
        operations.view(session, actor),
        operations_jobs.jobs(session, actor, state=state, queue=queue or None, cursor=cursor, limit=PAGE_SIZE),
    )


class OperationsState(Live, Base, rx.State):
    """The page; `?state=`, `?queue=` and `?cursor=` say which jobs are listed."""

    loaded: bool = False
    problem: str = ""
    refused: str = ""
    """Why this person may only look; empty when they may steer."""
    queues: list[QueueShown] = []
    workers: list[WorkerShown] = []
    slots_words: str = ""
    letters: str = ""
    rows: list[OperationsJobShown] = []
    state: str = "open"
    queue: str = ""
    newest_href: str = ""
    older_href: str = ""

    chosen: list[str] = []
    everything: bool = False
    """Whether what is done is done with all jobs that match, not only with the chosen ones."""
    working: str = ""
    """What is being done with all that match; empty when nothing is."""
    _heard_at: float = 0.0
    """When the process that does it last said so, in seconds of the epoch: it may die, and this state outlives it."""
    _newest: str = ""
    """The newest of those that were counted for the question."""
    asked: str = ""
    asked_words: str = ""
    outcome: str = ""
    outcome_bad: bool = False

    @rx.var
    def ids(self) -> list[str]:
        """The jobs on the page."""
        return [row.id for row in self.rows]

    @rx.var
    def chosen_words(self) -> str:
        """How many jobs are chosen."""
        return words.counted(len(self.chosen), "job") if self.chosen else ""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow everything while the page is open."""
        asked = self.router.url.query_parameters
        state = asked.get("state", "open")
        state = state if state in get_args(operations_jobs.States) else "open"
        queue, cursor = asked.get("queue", "")[:40], asked.get("cursor") or None
        async with self:
            if (state, queue, bool(cursor)) != (self.state, self.queue, bool(self.newest_href)):
                self.rows, self.chosen, self.loaded = [], [], False
                # What was asked, opened or done belongs to the list before.
                self.asked = self.outcome = ""
                self.everything = False
            self.state, self.queue, self.problem, self.mode = state, queue, "", ""
            self.newest_href = _href(state, queue) if cursor else ""
        try:
            actor = await self._actor()
            # All who look share one reading, made with the rights of who came first: so each is asked here.
            require(actor, Action.OPERATIONS_READ)
            may = can(actor, Action.OPERATIONS_STEER)
            async with self:
                self.refused = "" if may is True else may
            watcher = hub.watch(
                bus.OPS,
                paced(lambda: edge.read(_both, actor, state, queue, cursor), LOOK_SECONDS),
                busy=lambda _: True,
                key=("operations", state, queue, cursor),
            )
            async with aclosing(watcher) as updates:
                async for update in updates:
                    # A session that has ended sees nothing more, nor who looks after this installation no longer.
                    require(await self._actor(), Action.OPERATIONS_READ)
                    async with self:
                        self._show(update)
        except NotSignedIn:
            yield rx.redirect(SIGN_IN)
        except AppError as error:
            async with self:
                self.problem, self.loaded, self.mode = error.message, True, "none"

    @event
    async def choose(self, job_id: JobId) -> None:
        """Mark a job, or take the mark away."""
        self.everything = False
        known = {row.id for row in self.rows}
        marked = set(self.chosen) ^ {job_id}
        self._mark(sorted(marked & known))

    @event
    async def choose_all(self) -> None:
        """Mark every job on the page, or none."""
        self.everything = False
        self._mark([] if len(self.chosen) == len(self.rows) else [row.id for row in self.rows])

    @event
    async def choose_everything(self) -> None:
        """Mean all jobs that match, also those that are not on the page; or only the chosen ones again."""
        self._mark([])
        self.everything = not self.everything

    @event
    async def move(self, move: Move) -> Any:
        """Do one thing with the chosen jobs, or with all that match; that, and what is final, is asked for first."""
        if self.everything:
            if self.asked == move:
                return OperationsState.move_all(move)
            return await self._ask_for_all(move)
        if move in ASKS and self.asked != move:
            self.asked = move
            self.asked_words = f"{move.capitalize()} {words.counted(len(self.chosen), 'job')}? {ASKS[move]}"
            return None
        self.asked = ""
        return await self._steer_chosen(move)

    @event(background=True)
    async def move_all(self, move: Move) -> None:
        """Do one thing with all jobs that matched when that was asked; goes on when the page is closed."""
        async with self:
            if self.working or self.asked != move:
                return
            queue, newest = self.queue, self._newest
            state: Any = self.state
            self.asked, self.outcome, self._heard_at = "", "", time.time()
            self.working = f"{PAST[move]}: working through all that match\N{HORIZONTAL ELLIPSIS}"
        told, bad = NOT_DONE, True
        try:
            steered = edge.with_database(
                operations_bulk.steer_matching,
                await self._actor(),
                move=Steer(move),
                state=state,
                queue=queue or None,
                newest=newest,
            )
            done = await heard_of(steered, self._be_heard)
            told, bad = told_all(move, done), bool(done.refused)
        except AppError as error:
            told = error.message
        finally:
            async with self:
                self.working, self.everything = "", False
                self.outcome, self.outcome_bad = told, bad

    @event
    async def keep(self) -> None:
        """Do not do what was asked for."""
        self.asked = ""

    async def _be_heard(self) -> None:
        async with self:
            self._heard_at = time.time()

    async def _ask_for_all(self, move: Move) -> None:
        state: Any = self.state
        try:
            found = await edge.read(
                operations_bulk.matching, await self._actor(), move=Steer(move), state=state, queue=self.queue or None
            )
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True
            return
        if not found.count:
            self.outcome, self.outcome_bad = f"No job that matches stands where it could {move}.", False
            return
        self.asked, self._newest, self.outcome = move, found.newest or "", ""
        where = STATE_WORDS[self.state].lower() + (f", queue {self.queue}" if self.queue else "")
        self.asked_words = (
            f"{move.capitalize()} {words.counted(found.count, 'job')}: all that match ({where}) and where that is "
            f"possible, in every workspace, also those that are not on this page? {ASKS.get(move, '')}"
        ).strip()

    async def _steer_chosen(self, move: Move) -> None:
        try:
            done = await edge.write(steering.steer_many, await self._actor(), list(self.chosen), Steer(move))
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True
            return
        refused = [one for one in done if not one.done]
        self.outcome = f"{PAST[move]}: {words.counted(len(done) - len(refused), 'job')}."
        if refused:
            self.outcome += f" Not done for {words.counted(len(refused), 'job')}: {refused[0].why}"
        self.outcome_bad = bool(refused)
        self._mark([])

    def _mark(self, chosen: list[str]) -> None:
        self.chosen, self.asked = chosen, ""
        marked = frozenset(chosen)
        self.rows = [_with_mark(row, marked) for row in self.rows]

    def _show(self, update: Update[tuple[OperationsView, Page[OperationsJob]]]) -> None:
        if self.working and time.time() - self._heard_at > SILENT_SECONDS:
            self.working, self.everything = "", False
            self.outcome, self.outcome_bad = NOT_DONE, True
        view, page = update.value
        self._note_freshness(update)
        known = {job.id for job in page.rows}
        chosen = [job_id for job_id in self.chosen if job_id in known]
        slots = sum(worker.slots for worker in view.workers)
        busy = sum(worker.running for worker in view.workers)
        shown: dict[str, Any] = {
            "queues": [queue_row(row, nobody=not view.workers) for row in view.queues],
            "workers": [worker_row(row) for row in view.workers],
            "slots_words": f"{slots - busy:,} of {slots:,} free",
            "letters": f"{view.dead_letters:,} given up" if view.dead_letters else "",
            "chosen": chosen,
            "rows": [job_row(job, frozenset(chosen)) for job in page.rows],
            "older_href": _href(self.state, self.queue, page.next_cursor) if page.next_cursor else "",
            # A question about three jobs must not be answered for two.
            "asked": self.asked if self.everything or chosen == self.chosen else "",
            "loaded": True,
            "problem": "",
        }
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


def _href(state: str, queue: str, cursor: str | None = None) -> str:
    asked = {"state": state, "queue": queue, "cursor": cursor or ""}
    return "/operations?" + urlencode({name: value for name, value in asked.items() if value})


def _with_mark(row: OperationsJobShown, marked: frozenset[str]) -> OperationsJobShown:
    return replace(row, chosen=row.id in marked)
