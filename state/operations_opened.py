"""The open job on the operations page: what it was asked to do, and its story, which goes on while one reads."""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import Annotated, Any

import reflex as rx
from pydantic import Field

from app.core import bus, edge, hub
from app.core.clock import rfc3339
from app.core.errors import AppError, Unavailable
from app.services import operations_jobs, steering
from app.services.operations_jobs import OperationsJobDetail
from app.services.steering import Steer
from state.analysis_live import paced
from state.base import Base
from state.gate import event

LOOK_SECONDS = 1.0
LONGEST_PAYLOAD = 20_000
JobId = Annotated[str, Field(max_length=64)]


class OpenedJob(Base, rx.State):
    """At most one job; none when `id` is empty."""

    id: str = ""
    label: str = ""
    status: str = ""
    reason: str = ""
    """Why it was given up; empty while it was not, or when that is settled."""
    lines: list[dict[str, str]] = []
    payload: str = ""
    payload_problem: str = ""
    problem: str = ""
    said: str = ""
    _list: str = ""
    """The address of the list that it was opened in."""

    @event(background=True)
    async def follow(self) -> None:
        """Read the open job again whenever something may have happened, for as long as the page is open."""
        async with self:
            address = str(self.router.url.query_parameters)
            if self._list != address:
                self.reset()
            self._list = address
        watcher = hub.watch(bus.OPS, paced(_nothing, LOOK_SECONDS), busy=lambda _: True, key="opened job")
        async with aclosing(watcher) as updates:
            async for update in updates:
                del update
                if self.id:
                    await self._read_again(self.id)

    @event
    async def toggle(self, job_id: JobId) -> None:
        """Open a job, or close it."""
        was = self.id
        self.id = self.problem = self.said = self.payload_problem = ""
        if was == job_id:
            return
        try:
            found = await edge.read(operations_jobs.job, await self._actor(), job_id)
        except AppError as error:
            self.problem = error.message
            return
        self.payload = json.dumps(found.payload, indent=2, ensure_ascii=False)
        self.id = job_id
        self._show(found)

    @event
    async def retry_edited(self, form: dict[str, Any]) -> None:
        """Try the open job again with the payload that was edited."""
        text = str(form.get("payload", ""))[:LONGEST_PAYLOAD]
        self.payload, self.payload_problem, self.said = text, "", ""
        try:
            payload = json.loads(text)
        except ValueError:
            self.payload_problem = "This is not JSON; correct it, or close the job to keep it as it was."
            return
        if not isinstance(payload, dict):
            self.payload_problem = "A payload is an object: it begins with { and ends with }."
            return
        try:
            actor = await self._actor()
            await edge.write(steering.steer, actor, self.id, Steer.RETRY, payload=payload)
            found = await edge.read(operations_jobs.job, actor, self.id)
        except AppError as error:
            self.payload_problem = error.message
            return
        self.said = "Changed and put back in line."
        self._show(found)

    async def _read_again(self, job_id: str) -> None:
        try:
            found = await edge.read(operations_jobs.job, await self._actor(), job_id)
        except Unavailable:
            return  # the page says that it is offline; the next news reads again
        except AppError as error:  # the job is gone, or the right to look
            async with self:
                if self.id == job_id:
                    self.id, self.problem = "", error.message
            return
        async with self:
            if self.id == job_id:
                self._show(found)

    def _show(self, found: OperationsJobDetail) -> None:
        shown = {
            "label": found.job.label,
            "status": found.job.status,
            "reason": found.reason or "",
            "lines": [{"at": rfc3339(line.at), "message": line.message} for line in found.lines],
        }
        for name, value in shown.items():
            if getattr(self, name) != value:
                setattr(self, name, value)


async def _nothing() -> None:
    """Each tab reads its own job; what they share is when."""
