"""A browser's event socket without the browser, and the web process that it talks to."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import redis
import socketio
from sqlmodel import select

from app.core import clock, secrets
from app.core.bus import CHANNEL_PREFIX
from app.core.db import Database
from app.core.settings import PREFIX
from app.core.web import WEB_ENVIRONMENT
from app.models import LoginSession
from app.services import sessions
from app.services.access import Actor

ROOT = "reflex___state____state"
ON_LOAD = f"{ROOT}.reflex___state____on_load_internal_state.on_load_internal"
CHECKOUT = Path(__file__).parents[2]


@dataclass
class Site:
    """A running web process on its own data folder."""

    url: str
    database: Database
    bus_url: str
    process: subprocess.Popen[bytes]
    log: Path
    state_url: str | None = None

    def session_token(self) -> str:
        """Sign the local owner in."""
        with self.database.write() as session:
            return sessions.sign_in_with_link(session, sessions.new_welcome_link(session)).token

    def welcome_link(self) -> str:
        """Make a welcome link; return its token."""
        with self.database.write() as session:
            return sessions.new_welcome_link(session)

    def session_of(self, actor: Actor) -> str:
        """Sign somebody in; return the token."""
        token = secrets.new_token()
        row = LoginSession(
            token_hash=secrets.token_hash(token),
            user_id=actor.id,
            workspace_id=actor.workspace_id,
            expires_at=clock.now() + timedelta(hours=1),
        )
        with self.database.write() as session:
            session.add(row)
        return token

    def end_session(self, token: str) -> None:
        """End a session behind the back of the web process."""
        with self.database.write() as session:
            row = session.exec(select(LoginSession).where(LoginSession.token_hash == secrets.token_hash(token))).one()
            row.ended_at = clock.now()
            session.add(row)

    def say(self, channel: str, text: str) -> None:
        """Publish on the bus."""
        with redis.from_url(self.bus_url) as client:
            client.publish(CHANNEL_PREFIX + channel, text)

    def stop(self) -> None:
        """End the process."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def start(
    target: str, *, port: int, folder: Path, database: Database, bus_url: str, state_url: str | None = None
) -> Site:
    """Start the web process as the program does, and wait until it answers; its pages' state in memory, or in Redis."""
    log = folder / "web.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    url = f"http://localhost:{port}"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "granian",
                "--interface",
                "asgi",
                "--factory",
                "--host",
                "127.0.0.1",
                "--port",
                str(port),
                "--workers",
                "1",
                target,
            ],
            cwd=CHECKOUT,
            env={
                **inherited,
                **WEB_ENVIRONMENT,
                "ASTERISM_PUBLIC_URL": url,
                "ASTERISM_DATA_DIR": str(folder),
                "ASTERISM_REDIS_URL": bus_url,
                **({"ASTERISM_STATE_REDIS_URL": state_url} if state_url else {}),
                # Nothing here may leave this machine: what a handler asks of a provider is refused at once.
                "ASTERISM_SANDBOX": "on",
                "ASTERISM_SANDBOX_URL": "http://127.0.0.1:9",
                "ASTERISM_REDDIT_BASE_URL": "http://127.0.0.1:9",
                "ASTERISM_REDDIT_AUTH_URL": "http://127.0.0.1:9",
            },
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/api/health/live", timeout=1, trust_env=False).status_code == 200:
                return Site(url, database, bus_url, process, log, state_url)
        except httpx.TransportError:
            time.sleep(0.05)
    process.kill()
    process.wait(10)
    raise RuntimeError(f"the web process did not start:\n{log.read_text(encoding='utf-8')[-4000:]}")


@dataclass
class Tab:
    """One open page."""

    socket: socketio.AsyncClient
    name: str
    path: str = "/probe"
    query: dict[str, str] = field(default_factory=dict)
    updates: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, handler: str, **payload: Any) -> None:
        """Send an event as Reflex's script does."""
        await self.send_raw({"name": handler, "payload": payload})

    async def send_raw(self, data: Any) -> None:
        """Send anything."""
        if isinstance(data, dict):
            data = {"router_data": {"pathname": self.path, "asPath": self.path, "query": self.query}, **data}
        await self.socket.emit("event", data, namespace="/_event")

    async def until(self, condition: Callable[[], bool], seconds: float = 30.0) -> None:
        """Wait for a condition on what was received."""
        async with asyncio.timeout(seconds):
            while not condition():
                self.changed.clear()
                if not condition():
                    await self.changed.wait()

    async def settle(self) -> None:
        """Wait until all events sent so far are handled: a tab's events are handled in their order."""
        before = len(self.updates)
        await self.send(f"{ROOT}.hydrate")
        await self.until(lambda: any(self._is_hydration(update) for update in self.updates[before:]))

    @staticmethod
    def _is_hydration(update: dict[str, Any]) -> bool:
        return "is_hydrated_rx_state_" in (update.get("delta") or {}).get(ROOT, {})

    def values(self, state: str, var: str) -> list[Any]:
        """Return every value of a var that was received, in order."""
        deltas = [(update.get("delta") or {}).get(state, {}) for update in self.updates]
        return [delta[f"{var}_rx_state_"] for delta in deltas if f"{var}_rx_state_" in delta]

    def last(self, state: str, var: str) -> Any:
        """Return the newest value of a var; None when none was received."""
        found = self.values(state, var)
        return found[-1] if found else None

    def redirects(self) -> list[str]:
        """Return where the page was sent to."""
        events = [event for update in self.updates for event in update.get("events") or []]
        return [event["payload"]["path"] for event in events if event["name"] == "_redirect"]

    def text(self) -> str:
        """Return all that was received, as text."""
        return repr(self.updates)


@asynccontextmanager
async def tab(
    site: Site,
    *,
    session: str = "",
    name: str | None = None,
    path: str = "/probe",
    origin: str | None = None,
) -> AsyncIterator[Tab]:
    """Open a page: connect with the session's cookie and the page's origin."""
    async with aiohttp.ClientSession() as http:  # ours to close: the client forgets its own when it is refused
        opened = Tab(socketio.AsyncClient(reconnection=False, http_session=http), name or str(uuid.uuid4()), path)

        @opened.socket.on("event", namespace="/_event")
        async def _on_update(update: dict[str, Any]) -> None:
            opened.updates.append(update)
            opened.changed.set()

        @opened.socket.on("disconnect", namespace="/_event")
        async def _on_disconnect(*reason: object) -> None:
            opened.closed.set()
            opened.changed.set()

        headers = {"Origin": origin or site.url}
        if session:
            headers["Cookie"] = f"theme=dark; sid={session}"
        try:
            await opened.socket.connect(
                f"{site.url}/?token={opened.name}",
                headers=headers,
                socketio_path="/_event",
                namespaces=["/_event"],
                transports=["websocket"],
            )
            yield opened
        finally:
            await opened.socket.disconnect()
