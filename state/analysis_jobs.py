"""The Jobs tab."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.core.errors import AppError
from app.services import jobs
from state.analysis_live import Watching, part_of
from state.analysis_tables import JobRow, job_row
from state.gate import event

MAX_JOBS = 100


class JobsState(Watching, rx.State):
    """Every unit of work, and how it fares."""

    rows: list[JobRow] = []
    more: int = 0
    """Jobs beyond those that fit on a page."""

    @event(background=True)
    async def watch(self) -> Any:
        """Follow the jobs while the tab is open."""
        place = self._place()
        if place.tab != "jobs":
            return
        async with self:
            self._enter(place)
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
