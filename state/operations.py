"""Operations: queues, workers and jobs of all workspaces, for those who run this installation."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, Literal, get_args
from urllib.parse import urlencode

import reflex as rx
from sqlmodel import Session

from app.core import bus, edge
from app.core.errors import AppError, NotSignedIn
from app.core.hub import Update
from app.core.hub import watch as hub_watch
from app.core.paging import Page
from app.services import holds, operations, steering
from app.services.access import Action, Actor, can, require
from app.services.operations import OperationsJob, OperationsView
from app.services.steering import Steer
from state import words
from state.analysis_live import paced
from state.base import Base
from state.gate import SIGN_IN, event
from state.live import Live
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
Move = Literal["pause", "resume", "cancel", "retry", "discard"]
_ASKS = {
    "cancel": "Cancel {jobs}? What they did stays; they never run again, and their analyses go on without them where "
    "that is possible.",
    "discard": "Discard {jobs}? Their dead letters are put away; the analyses stay as they are.",
}
"""Moves that cannot be taken back are asked for twice."""


def _both(session: Session, actor: Actor, state: Any, queue: str, cursor: str | None) -> tuple[Any, Any]:
    return (
        operations.view(session, actor),
        operations.jobs(session, actor, state=state, queue=queue or None, cursor=cursor, limit=PAGE_SIZE),
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
    asked: str = ""
    asked_words: str = ""
    outcome: str = ""
    outcome_bad: bool = False

    holding: str = ""
    """The queue whose hold is being written."""
    hold_problem: str = ""

    opened: str = ""
    """Id of the job whose timeline is open."""
    opened_label: str = ""
    opened_reason: str = ""
    opened_lines: list[dict[str, str]] = []
    opened_payload: str = ""
    payload_problem: str = ""

    @rx.var
    def chosen_words(self) -> str:
        """How many jobs are chosen."""
        return words.counted(len(self.chosen), "job") if self.chosen else ""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow everything while the page is open."""
        asked = self.router.url.query_parameters
        state = asked.get("state", "open")
        state = state if state in get_args(operations.States) else "open"
        queue, cursor = asked.get("queue", "")[:40], asked.get("cursor") or None
        async with self:
            if (state, queue, bool(cursor)) != (self.state, self.queue, bool(self.newest_href)):
                self.rows, self.chosen, self.loaded = [], [], False
                # What was asked, opened or done belongs to the list before.
                self.asked = self.opened = self.holding = self.outcome = ""
            self.state, self.queue, self.problem, self.mode = state, queue, "", ""
            self.newest_href = _href(state, queue) if cursor else ""
        try:
            actor = await self._actor()
            # All who look share one reading, made with the rights of who came first: so each is asked here.
            require(actor, Action.OPERATIONS_READ)
            may = can(actor, Action.OPERATIONS_STEER)
            async with self:
                self.refused = "" if may is True else may
            async for update in hub_watch(
                bus.OPS,
                paced(lambda: edge.read(_both, actor, state, queue, cursor), LOOK_SECONDS),
                busy=lambda _: True,
                key=("operations", state, queue, cursor),
            ):
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
    async def choose(self, job_id: str) -> None:
        """Mark a job, or take the mark away."""
        known = {row.id for row in self.rows}
        marked = set(self.chosen) ^ {job_id}
        self._mark(sorted(marked & known))

    @event
    async def choose_all(self) -> None:
        """Mark every job on the page, or none."""
        self._mark([] if len(self.chosen) == len(self.rows) else [row.id for row in self.rows])

    @event
    async def move(self, move: Move) -> Any:
        """Do one thing with the chosen jobs; what cannot be taken back is asked for first."""
        if move in _ASKS and self.asked != move:
            self.asked = move
            self.asked_words = _ASKS[move].format(jobs=words.counted(len(self.chosen), "job"))
            return
        self.asked = ""
        yield
        await self._steer_chosen(move)

    @event
    async def keep(self) -> None:
        """Do not do what was asked for."""
        self.asked = ""

    @event
    async def begin_hold(self, queue: str) -> None:
        """Ask why a queue is to be held."""
        self.holding, self.hold_problem = queue, ""

    @event
    async def end_hold(self) -> None:
        """Hold nothing after all."""
        self.holding = ""

    @event
    async def hold(self, form: dict[str, Any]) -> None:
        """Hold the queue for the reason that the form gives."""
        try:
            await edge.write(holds.hold, await self._actor(), self.holding, str(form.get("reason", "")))
        except AppError as error:
            self.hold_problem = error.message
            return
        self.holding = ""

    @event
    async def release(self, queue: str) -> None:
        """Let a queue go on."""
        try:
            await edge.write(holds.release, await self._actor(), queue)
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True

    @event
    async def open_job(self, job_id: str) -> None:
        """Show what was written about a job."""
        if self.opened == job_id:
            self.opened = ""
            return
        try:
            found = await edge.read(operations.job, await self._actor(), job_id)
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True
            return
        self.opened, self.opened_label, self.payload_problem = job_id, found.job.label, ""
        self.opened_reason = found.reason or ""
        self.opened_lines = [
            {"at": line.model_dump(mode="json")["at"], "message": line.message} for line in found.lines
        ]
        self.opened_payload = json.dumps(found.payload, indent=2, ensure_ascii=False)

    @event
    async def retry_edited(self, form: dict[str, Any]) -> None:
        """Try the open job again with the payload that was edited."""
        text = str(form.get("payload", ""))[:20_000]
        self.opened_payload, self.payload_problem = text, ""
        try:
            payload = json.loads(text)
        except ValueError:
            self.payload_problem = "This is not JSON; correct it, or close the job to keep it as it was."
            return
        if not isinstance(payload, dict):
            self.payload_problem = "A payload is an object: it begins with { and ends with }."
            return
        try:
            await edge.write(steering.steer, await self._actor(), self.opened, Steer.RETRY, payload=payload)
        except AppError as error:
            self.payload_problem = error.message
            return
        self.outcome, self.outcome_bad, self.opened = "Changed and put back in line.", False, ""

    async def _steer_chosen(self, move: Move) -> None:
        try:
            done = await edge.write(steering.steer_many, await self._actor(), list(self.chosen), Steer(move))
        except AppError as error:
            self.outcome, self.outcome_bad = error.message, True
            return
        refused = [one for one in done if not one.done]
        self.outcome = f"{_PAST[move]}: {words.counted(len(done) - len(refused), 'job')}."
        if refused:
            self.outcome += f" Not done for {words.counted(len(refused), 'job')}: {refused[0].why}"
        self.outcome_bad = bool(refused)
        self._mark([])

    def _mark(self, chosen: list[str]) -> None:
        self.chosen, self.asked = chosen, ""
        marked = frozenset(chosen)
        self.rows = [_with_mark(row, marked) for row in self.rows]

    def _show(self, update: Update[tuple[OperationsView, Page[OperationsJob]]]) -> None:
        view, page = update.value
        self._note_freshness(update)
        known = {job.id for job in page.rows}
        chosen = [job_id for job_id in self.chosen if job_id in known]
        slots = sum(worker.slots for worker in view.workers)
        busy = sum(worker.running for worker in view.workers)
        shown: dict[str, Any] = {
            "queues": [queue_row(row) for row in view.queues],
            "workers": [worker_row(row) for row in view.workers],
            "slots_words": f"{slots - busy:,} of {slots:,} free",
            "letters": words.counted(view.dead_letters, "dead letter") if view.dead_letters else "",
            "chosen": chosen,
            "rows": [job_row(job, frozenset(chosen)) for job in page.rows],
            "older_href": _href(self.state, self.queue, page.next_cursor) if page.next_cursor else "",
            # A question about three jobs must not be answered for two.
            "asked": self.asked if chosen == self.chosen else "",
            "loaded": True,
            "problem": "",
        }
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


_PAST = {
    "pause": "Paused",
    "resume": "Resumed",
    "cancel": "Cancelled",
    "retry": "Put back in line",
    "discard": "Discarded",
}


def _href(state: str, queue: str, cursor: str | None = None) -> str:
    asked = {"state": state, "queue": queue, "cursor": cursor or ""}
    return "/operations?" + urlencode({name: value for name, value in asked.items() if value})


def _with_mark(row: OperationsJobShown, marked: frozenset[str]) -> OperationsJobShown:
    return replace(row, chosen=row.id in marked)
