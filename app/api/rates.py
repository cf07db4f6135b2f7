"""How often one caller may ask. Every answer below /api says what is left.

Callers are told apart by key or session, else by address. Counts are kept in this process, or in Redis when one is
configured (several web processes count together); when that fails, this process counts alone.
"""

from __future__ import annotations

import hashlib
import math
import time
from dataclasses import dataclass

import redis.asyncio
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import problem
from app.core import web
from app.core.redis import TIMEOUT_SECONDS, connection
from app.core.settings import Settings

API_LIMIT = RateLimitItemPerMinute(600)
STRANGER_LIMIT = RateLimitItemPerMinute(120)
"""Requests of one address that no key or session stood behind."""
SIGN_IN_LIMIT = RateLimitItemPerMinute(20)
UPLOAD_LIMIT = RateLimitItemPerMinute(20)
"""Files brought by one caller: each keeps a core busy for a while."""
UPLOADS = "/api/v1/imports"
SIGN_IN_PATHS = frozenset({"/welcome", "/api/auth/sign-in"})
LIMITED = ("/api/", "/welcome")
UNLIMITED = "/api/health/"


@dataclass(frozen=True, slots=True)
class _Verdict:
    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        fields = {"limit": self.limit, "remaining": self.remaining, "reset": self.reset_seconds}
        return [(f"x-ratelimit-{name}".encode(), str(value).encode()) for name, value in fields.items()]


class Rates:
    """Counts requests below /api and to the welcome link, and refuses those above the limit with 429."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        """Wrap `app`."""
        self._app = app
        self._cookie = web.cookie_name(config)
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._pool: redis.asyncio.ConnectionPool | None = None
        self._shared: MovingWindowRateLimiter | None = None
        if config.redis_url:
            self._pool = redis.asyncio.ConnectionPool.from_url(
                config.redis_url,
                socket_timeout=TIMEOUT_SECONDS,
                socket_connect_timeout=TIMEOUT_SECONDS,
            )
            # The storage takes our pool; of the address it reads the scheme only.
            self._shared = MovingWindowRateLimiter(
                RedisStorage("async+redis://", implementation="redispy", connection_pool=self._pool)  # type: ignore[arg-type]
            )

    async def close(self) -> None:
        """Close the connections to Redis; a server that ends need not."""
        if self._pool is not None:
            await self._pool.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it until the window has room."""
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(LIMITED) or path.startswith(UNLIMITED):
            await self._app(scope, receive, send)
            return
        address = _address(scope)
        if not await self._alone.test(STRANGER_LIMIT, address):
            await _refuse(STRANGER_LIMIT.amount, 60, "without a good key or session")(scope, receive, send)
            return
        item = SIGN_IN_LIMIT if path in SIGN_IN_PATHS else API_LIMIT
        if path.rstrip("/") == UPLOADS and scope["method"] == "POST":
            item = UPLOAD_LIMIT
        caller = address if item is SIGN_IN_LIMIT else _caller(scope)
        verdict = await self._count(item, caller)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                if message["status"] == 401:  # made-up keys are new callers each time; their address is not
                    await self._alone.hit(STRANGER_LIMIT, address)
                message["headers"] = [*message.get("headers", []), *verdict.headers()]
            await send(message)

        if verdict.allowed:
            await self._app(scope, receive, send_with_headers)
            return
        await _refuse(verdict.limit, verdict.reset_seconds)(scope, receive, send_with_headers)

    async def _count(self, item: RateLimitItem, caller: str) -> _Verdict:
        server = connection()
        if self._shared is not None and not server.aside:
            try:
                return await _hit(self._shared, item, caller)
            except Exception as error:  # noqa: BLE001 - whatever the client raises, requests go on
                server.stand_aside(error)
        return await _hit(self._alone, item, caller)


def _refuse(limit: int, seconds: int, which: str = "") -> ASGIApp:
    return problem(
        429,
        "too_many",
        f"More than {limit} requests {which + ' ' if which else ''}in a minute; wait {seconds} s and try again.",
        headers={"Retry-After": str(seconds)},
    )


async def _hit(limiter: MovingWindowRateLimiter, item: RateLimitItem, caller: str) -> _Verdict:
    allowed = await limiter.hit(item, caller)
    window = await limiter.get_window_stats(item, caller)
    return _Verdict(
        allowed=allowed,
        limit=item.amount,
        remaining=max(0, window.remaining),
        reset_seconds=max(1, math.ceil(window.reset_time - time.time())),
    )


def _caller(scope: Scope) -> str:
    headers = Headers(scope=scope)
    credential = headers.get("authorization") or web.session_token(headers.get("cookie", ""))
    if credential:
        return hashlib.sha256(credential.encode()).hexdigest()
    return _address(scope)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"
