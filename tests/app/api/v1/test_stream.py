"""The stream over real HTTP: replay, live, end, heartbeats, and who may listen."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlmodel import select

from app.api import build_site
from app.api import stream as module
from app.core import bus, clock, hub
from app.core.db import Database
from app.models import Analysis, AnalysisStatus, ApiKey
from app.services import timeline
from tests.app.api.v1.story import Story, fault, tell


@dataclass
class Event:
    kind: str
    data: Any
    id: str | None


@dataclass
class Stream:
    """What a client has received so far."""

    status: int = 0
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    events: list[Event] = field(default_factory=list)
    comments: int = 0
    ended: bool = False

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def sequences(self) -> list[int]:
        return [event.data["sequence"] for event in self.of("timeline")]


@dataclass
class Site:
    base: str
    key: str

    @asynccontextmanager
    async def follow(self, analysis_id: str, last_event_id: int | None = None) -> AsyncIterator[Stream]:
        stream = Stream()
        task = asyncio.create_task(self._receive(stream, analysis_id, last_event_id))
        try:
            yield stream
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _receive(self, stream: Stream, analysis_id: str, last_event_id: int | None) -> None:
        headers = {"authorization": f"Bearer {self.key}"}
        if last_event_id is not None:
            headers["last-event-id"] = str(last_event_id)
        async with (
            httpx.AsyncClient(timeout=30, trust_env=False) as client,
            client.stream("GET", f"{self.base}/stream", params={"analysis": analysis_id}, headers=headers) as answer,
        ):
            stream.status, stream.headers = answer.status_code, answer.headers
            block: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line.startswith(":"):
                    stream.comments += 1
                elif line:
                    name, _, value = line.partition(": ")
                    block[name] = value
                elif "data" in block:
                    stream.events.append(Event(block["event"], json.loads(block["data"]), block.get("id")))
                    block = {}
        stream.ended = True


def serve(key: str, main: Callable[[Site], Coroutine[Any, Any, None]]) -> None:
    async def within() -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        server = Server(build_site(), address="127.0.0.1", port=port, interface=Interfaces.ASGINL)
        listener = asyncio.create_task(hub.run())
        serving = asyncio.create_task(server.serve())
        try:
            async with asyncio.timeout(60):
                base = f"http://127.0.0.1:{port}/api"
                await until_up(base)
                await main(Site(f"{base}/v1", key))
        finally:
            server.stop()
            await serving
            listener.cancel()
            with suppress(asyncio.CancelledError):
                await listener

    asyncio.run(within())


async def until_up(base: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                await client.get(f"{base}/openapi.json")
                return
            await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def happen(database: Database, story: Story, **changes: Any) -> None:
    """Change the analysis and write a line, as a worker would."""
    with database.write() as session:
        analysis = session.get(Analysis, story.analysis)
        for name, value in changes.items():
            setattr(analysis, name, value)
        session.flush()
        timeline.record(session, analysis, "test.happened", "It happened.")


@pytest.fixture
def running(valkey, sqlite_database, workspace_actor) -> Story:
    return tell(sqlite_database, workspace_actor, status=AnalysisStatus.RUNNING)


def test_a_finished_analysis_is_replayed_and_ended(api, story):
    async def main(site: Site) -> None:
        async with site.follow(story.analysis) as stream:
            await until(lambda: stream.ended)
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert stream.headers["cache-control"] == "no-store"
        assert [event.kind for event in stream.events] == ["timeline"] * 3 + ["progress", "end"]
        assert [event.id for event in stream.of("timeline")] == ["1", "2", "3"]
        assert stream.of("end")[0].data == {"id": story.analysis, "status": "completed", "error": None}
        progress = stream.of("progress")[0].data
        assert (progress["items"], progress["opportunities"], progress["spent_micros"]) == (12, 1, 1218)

    serve(api.key, main)


def test_what_happens_is_seen_at_once_and_the_end_closes_the_stream(api, running, sqlite_database):
    async def main(site: Site) -> None:
        async with site.follow(running.analysis) as stream:
            await until(lambda: bool(stream.of("progress")) and stream.of("progress")[-1].data["mode"] == "live")
            assert stream.sequences() == [1, 2, 3]
            await asyncio.to_thread(happen, sqlite_database, running, spent_micros=4000)
            await until(lambda: stream.sequences() == [1, 2, 3, 4])
            await until(lambda: stream.of("progress")[-1].data["spent_micros"] == 4000)
            assert not stream.of("end")
            await asyncio.to_thread(happen, sqlite_database, running, status=AnalysisStatus.CANCELLED)
            await until(lambda: stream.ended)
            assert stream.sequences() == [1, 2, 3, 4, 5]
            assert stream.events[-1].data["status"] == "cancelled"

    serve(api.key, main)


def test_a_client_that_reconnects_gets_what_it_missed_and_nothing_twice(api, running, sqlite_database):
    async def main(site: Site) -> None:
        async with site.follow(running.analysis, last_event_id=2) as stream:
            await until(lambda: stream.sequences() == [3])
        await asyncio.to_thread(happen, sqlite_database, running)
        await asyncio.to_thread(happen, sqlite_database, running)
        async with site.follow(running.analysis, last_event_id=3) as stream:
            await until(lambda: stream.sequences() == [4, 5])
        async with site.follow(running.analysis, last_event_id=10**6) as stream:  # one that claims to know the future
            await until(lambda: bool(stream.of("progress")))
            await asyncio.to_thread(happen, sqlite_database, running)
            await until(lambda: stream.sequences() == [6])

    serve(api.key, main)


def test_a_client_far_behind_others_still_gets_every_event(api, valkey, sqlite_database, workspace_actor, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 4)
    story = tell(sqlite_database, workspace_actor, events=30, status=AnalysisStatus.RUNNING)

    async def main(site: Site) -> None:
        async with (
            site.follow(story.analysis, last_event_id=29) as near,
            site.follow(story.analysis, last_event_id=5) as far,
        ):
            await until(lambda: near.sequences() == [30])
            await until(lambda: far.sequences() == list(range(6, 31)))
            await asyncio.to_thread(happen, sqlite_database, story)
            await until(lambda: near.sequences()[-1] == far.sequences()[-1] == 31)
            assert len(far.sequences()) == 26

    serve(api.key, main)


def test_a_silent_stream_says_that_it_lives(api, running, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.1)

    async def main(site: Site) -> None:
        async with site.follow(running.analysis) as stream:
            await until(lambda: stream.comments >= 2)

    serve(api.key, main)


def test_a_revoked_key_ends_the_stream(api, running, sqlite_database, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT_SECONDS", 0.1)
    monkeypatch.setattr(module, "CHECK_CALLER_SECONDS", 0.1)

    def revoke() -> None:
        with sqlite_database.write() as session:
            for key in session.exec(select(ApiKey)).all():
                key.revoked_at = clock.now()

    async def main(site: Site) -> None:
        async with site.follow(running.analysis) as stream:
            await until(lambda: bool(stream.of("progress")))
            await asyncio.to_thread(revoke)
            await until(lambda: stream.ended)
            assert not stream.of("end")

    serve(api.key, main)


def test_clients_that_leave_leave_nothing_behind(api, running):
    async def main(site: Site) -> None:
        for _ in range(3):
            async with site.follow(running.analysis) as one, site.follow(running.analysis) as two:
                await until(lambda one=one, two=two: bool(one.of("progress")) and bool(two.of("progress")))
        await until(lambda: hub._hub().topics == 0 and not +module._open)

    serve(api.key, main)


def test_a_workspace_has_so_many_streams_and_no_more(api, running, monkeypatch):
    monkeypatch.setattr(module, "MAX_STREAMS", 1)

    async def main(site: Site) -> None:
        async with site.follow(running.analysis) as first:
            await until(lambda: bool(first.events))
            async with site.follow(running.analysis) as second:
                await until(lambda: second.ended)
                assert second.status == 429

    serve(api.key, main)


def test_without_the_bus_the_stream_polls_and_says_so(api, sqlite_database, workspace_actor):
    story = tell(sqlite_database, workspace_actor, status=AnalysisStatus.RUNNING)

    async def main(site: Site) -> None:
        async with site.follow(story.analysis) as stream:
            await until(lambda: bool(stream.of("progress")))
            assert stream.of("progress")[0].data["mode"] == "polling"
            assert stream.of("progress")[0].data["every_seconds"] == 2

    serve(api.key, main)


@pytest.mark.parametrize("value", ["-1", "abc", "9" * 30])
def test_a_wrong_last_event_id_is_refused(api, story, value):
    answer = api("GET", "/stream", params={"analysis": story.analysis}, headers={"Last-Event-ID": value})
    assert fault(answer, 422)["field"] == "last-event-id"


@pytest.fixture(autouse=True)
def _own_hub():
    hub._hub.cache_clear()
    yield
    bus.courier().settle(5)
    hub._hub.cache_clear()
