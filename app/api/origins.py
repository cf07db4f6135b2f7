"""Who may ask: the Host that we are, our own pages for changes made with the cookie, and no paths of the framework."""

from __future__ import annotations

import posixpath
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.problems import problem
from app.core import web
from app.core.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

BLOCKED = ("/_upload", "/_all_routes", "/auth-codespace", "/_health")
"""Routes of Reflex that nobody here needs: uploads from anyone, the list of pages, a cookie for editors, a health
check that ours replaces."""

PROBES = "/api/health/"
"""Load balancers and supervisors ask by address, so these answer under any Host; they show no data."""


class Origins:
    """Refuses foreign Hosts, blocked paths, and changes that another site's page asks for."""

    def __init__(self, app: ASGIApp, config: Settings) -> None:
        """Wrap `app`; the public URL says who we are."""
        self._app = app
        self._origins = frozenset(web.origins(config))
        self._hosts = frozenset(urlsplit(origin).hostname for origin in self._origins)
        self._cookie = f"{web.cookie_name(config)}="
        self._public_url = config.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with one sentence."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        path = posixpath.normpath("/" + scope["path"].lstrip("/"))
        headers = Headers(scope=scope)
        if not path.startswith(PROBES) and _host_name(headers.get("host", "")) not in self._hosts:
            await _refuse(
                scope, receive, send, 421, "wrong_host", f"This server is {self._public_url}; use that address."
            )
        elif path.startswith(BLOCKED):
            await _refuse(scope, receive, send, 404, "not_found", f"There is nothing at {path}.")
        elif scope["type"] == "http" and not self._may_change(scope["method"], headers):
            await _refuse(
                scope,
                receive,
                send,
                403,
                "foreign_origin",
                f"Changes are accepted from our own pages only; open {self._public_url} and try there.",
            )
        else:
            await self._app(scope, receive, send)

    def _may_change(self, method: str, headers: Headers) -> bool:
        if method in SAFE_METHODS:
            return True
        origin = headers.get("origin")
        if origin is not None:
            return origin in self._origins
        if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return False
        # Browsers send Origin with every POST. Without it this is a script: welcome with a key, not with a cookie.
        return self._cookie not in headers.get("cookie", "")


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, code: str, detail: str) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await problem(status, code, detail)(scope, receive, send)
