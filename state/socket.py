"""The event socket: what is malformed or unknown stops here, and a socket closes when its session ends.

Reflex would log an unknown event whole, with the cookie in its headers, and any stale page after an update sends one.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import parse_qs

import reflex as rx
import structlog
from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from reflex.app import EventNamespace
from reflex.state import StateUpdate
from reflex_base.event import Event
from reflex_base.registry import RegistrationContext
from socketio.exceptions import ConnectionRefusedError  # type: ignore[import-untyped] # noqa: A004 - its only name

from app.core import bus, edge, hub, web
from app.services import sessions
from state.gate import INTERNAL, SIGN_IN, rule_of

log = structlog.get_logger(__name__)

EVENT_LIMIT = RateLimitItemPerSecond(200, 5)
"""200 events in 5 s: several times what a person with a slider does, and little for the server."""

MAX_NAME_LENGTH = 300

STRANGER_LIMIT = RateLimitItemPerMinute(300)
"""Connections without a session from one address: each leaves 200 kB of state behind for an hour."""

TAB_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
"""Reflex's script names each tab by a UUID."""

CHECK_SECONDS = 5.0
"""How often the sessions of open sockets are looked up without a message."""

PAGE_FAILED = "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception"
"""How a page reports its own error. It becomes one short line of the log."""


class Socket(EventNamespace):
    """Reflex's socket namespace with our checks before it."""

    def __init__(self, namespace: str, app: rx.App) -> None:
        """Serve `app` on `namespace`."""
        super().__init__(namespace, app)
        self._session_tokens: dict[str, str] = {}
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def on_connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        """Remember which session the socket came with.

        Raises:
            ConnectionRefusedError: The tab's name is none that our script makes, or too many strangers connect.
        """
        names = parse_qs(environ.get("QUERY_STRING", "")).get("token", [])
        if len(names) != 1 or not TAB_NAME.fullmatch(names[0]):
            raise ConnectionRefusedError("The connection names no tab; reload the page.")
        token = web.session_token(environ.get("HTTP_COOKIE", ""))
        if token and await edge.read(sessions.live_tokens, [token]):
            self._session_tokens[sid] = token
        elif not self._limiter.hit(STRANGER_LIMIT, _address(environ)):
            log.warning("socket.refused", reason="too many strangers")
            raise ConnectionRefusedError("Too many connections; wait a minute and reload the page.")
        await super().on_connect(sid, environ, auth)

    def on_disconnect(self, sid: str) -> asyncio.Task[Any] | None:
        """Forget it."""
        self._session_tokens.pop(sid, None)
        return super().on_disconnect(sid)

    async def on_event(self, sid: str, data: object) -> None:
        """Pass on what the gate may judge; drop the rest with a line in the log that quotes none of it."""
        if not self._limiter.hit(EVENT_LIMIT, sid):
            log.warning("socket.refused", reason="too many events")
            return
        if isinstance(data, Mapping) and data.get("name") == PAGE_FAILED:
            log.warning("page.failed", error=_first_words(data.get("payload")))
            return
        fault = malformed(data)
        if fault is not None:
            log.warning("socket.refused", reason=fault)
            return
        await super().on_event(sid, data)

    async def watch_sessions(self) -> None:
        """Close the sockets of sessions that have ended: at once while the bus works, else within 5 s.

        A lifespan task. It ends live pages on sign-out, on expiry and when a member is removed, whatever their
        watchers do.
        """
        await asyncio.gather(self._on_messages(), self._at_intervals())

    async def _on_messages(self) -> None:
        while True:
            try:
                watcher = hub.watch(bus.session_channel(), self._ended, busy=bool, key="sockets")
                async with aclosing(watcher) as updates:
                    async for update in updates:
                        await self._close_all(update.value)
            except Exception as error:  # noqa: BLE001 - this task must outlive any failure of the database
                log.warning("socket.watch_failed", error=str(error))
            await asyncio.sleep(CHECK_SECONDS)

    async def _at_intervals(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                await self._close_all(await self._ended())
            except Exception as error:  # noqa: BLE001 - as above
                log.warning("socket.check_failed", error=str(error))

    async def _ended(self) -> frozenset[str]:
        """Return the tokens of open sockets whose sessions are not good any more."""
        tokens = frozenset(self._session_tokens.values())
        if not tokens:
            return frozenset()
        return tokens - await edge.read(sessions.live_tokens, tokens)

    async def _close_all(self, ended: frozenset[str]) -> None:
        farewell = StateUpdate(events=Event.from_event_type(rx.redirect(SIGN_IN)))
        for sid in [sid for sid, held in self._session_tokens.items() if held in ended]:
            client = self.sid_to_token.get(sid)
            if client is not None:
                await self.emit_update(farewell, client)
            await self.disconnect(sid)
            log.info("socket.closed", reason="session ended")


def _address(environ: Mapping[str, Any]) -> str:
    client = environ.get("asgi.scope", {}).get("client")  # REMOTE_ADDR is a constant in this server
    return str(client[0]) if client else "unknown"


def _first_words(payload: object) -> str:
    info = payload.get("info") if isinstance(payload, Mapping) else None
    return info[:300] if isinstance(info, str) else "unknown"


def malformed(data: object) -> str | None:
    """Return why an incoming event cannot be judged by the gate; None when it can."""
    if not isinstance(data, Mapping):
        return "not an object"
    name = data.get("name")
    if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH:
        return "no name"
    if name not in RegistrationContext.get().event_handlers:
        return "unknown event"
    if name not in INTERNAL and rule_of(name) is None:
        return "not registered"
    if not isinstance(data.get("payload", {}), dict) or not isinstance(data.get("router_data", {}), dict):
        return "wrong shape"
    return None


def install(app: rx.App) -> Socket:
    """Put our namespace in the place of Reflex's own."""
    before = app.event_namespace
    if before is None or app.sio is None:
        raise RuntimeError("the app has no event socket; it has no state to serve")
    socket = Socket(before.namespace, app)
    app._event_namespace = socket  # noqa: SLF001 - Reflex offers no other way to choose the namespace
    app.sio.register_namespace(socket)
    return socket
