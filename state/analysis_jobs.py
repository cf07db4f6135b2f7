"""The Jobs tab."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core import edge
from app.core.errors import AppError
from app.services import jobs, steering
from app.services.steering import Steer
from state.analysis_live import Watching, part_of
from state.analysis_tables import JobRow, job_row
from state.gate import event

MAX_JOBS = 100

QUESTIONS = {
    Steer.CANCEL: "It ends now and cannot be taken up again. What it has done stays, and the analysis goes on without "
    "it where that is possible.",
    Steer.DISCARD: "It leaves the list of what was given up and cannot be retried any more.",
}
"""What is said before something that cannot be undone."""


class JobsState(Watching, rx.State):
    """Every unit of work, and how it fares."""

    rows: list[JobRow] = []
    more: int = 0
    """Jobs beyond those that fit on a page."""
    steering_problem: str = ""
    """Why the last thing asked of a job was not done."""
    asked_job: str = ""
    asked_move: str = ""
    asked_words: str = ""
    """What cannot be undone and waits for a yes."""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the jobs while the tab is open."""
        place = self._place()
        if place.tab != "jobs":
            return
        async with self:
            if self._enter(place):
                self._assign({"steering_problem": "", "asked_words": ""})
        try:
            async for update in self._follow(part_of(place.analysis_id, "jobs", jobs.rows)):
                shown = {
                    "rows": [job_row(job) for job in update.value[:MAX_JOBS]],
                    "more": max(0, len(update.value) - MAX_JOBS),
                    "loaded": True,
                    "problem": "",
                }
                async with self:
                    self._assign(shown)
        except AppError as error:
            yield await self._refused(error)

    @event
    async def steer(self, job_id: str, move: Steer) -> None:
        """Pause, resume or retry a job; ask first about what cannot be undone."""
        if move in QUESTIONS:
            self.asked_job, self.asked_move, self.asked_words = job_id, move.value, QUESTIONS[move]
            return
        await self._do(job_id, move)

    @event
    async def confirm(self) -> None:
        """Do what was asked about."""
        self.asked_words = ""
        await self._do(self.asked_job, Steer(self.asked_move))

    @event
    async def keep(self, shown: bool) -> None:
        """Leave it as it is."""
        if not shown:
            self.asked_words = ""

    async def _do(self, job_id: str, move: Steer) -> None:
        try:
            await edge.write(steering.steer, await self._actor(), job_id, move)
        except AppError as error:
            self.steering_problem = error.message
        else:
            self.steering_problem = ""
