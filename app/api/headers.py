"""Headers on every response: content security policy, framing, sniffing, referrer, caching.

Inline scripts of the built pages are allowed by their hashes, so no others run, whatever gets into a page
(https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.core import web
from app.core.settings import Settings

BUILT_PAGES = Path(os.environ.get("REFLEX_WEB_WORKDIR") or ".web") / "build" / "client"
"""Where Reflex serves the pages from: a cached build of ours, or its own folder."""

IMMUTABLE = b"public, max-age=31536000, immutable"
ASSETS = "/assets/"
PRIVATE = ("/api/", "/welcome")
PARTS = (".js", ".css", ".woff2")
"""What a page loads and no browser shows by itself."""
OF_DOCUMENTS = frozenset(
    {
        b"content-security-policy",
        b"x-frame-options",
        b"referrer-policy",
        b"permissions-policy",
        b"cross-origin-opener-policy",
    }
)
"""Headers that a browser obeys only on a document: on the fifty parts of a page they cost 70 kB and do nothing."""


class _InlineScripts(HTMLParser):
    """Collects the text of inline scripts exactly as the browser hashes it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where an inline script starts."""
        if tag == "script":
            self._open = all(name != "src" for name, _ in attrs)
            if self._open:
                self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        if tag == "script":
            self._open = False

    def handle_data(self, data: str) -> None:
        """Take its text, which may come in pieces."""
        if self._open:
            self.found[-1] += data


def script_hashes(pages: Iterable[str]) -> list[str]:
    """Return the CSP source of each different inline script in some HTML pages, sorted."""
    hashes = set()
    for page in pages:
        parser = _InlineScripts()
        parser.feed(page)
        parser.close()
        hashes |= {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in parser.found}
    return [f"'sha256-{value}'" for value in sorted(hashes)]


class Policy:
    """The content security policy, made once at the start."""

    def __init__(self, config: Settings, hashes: Iterable[str]) -> None:
        """Allow our own files, the given inline scripts, and the socket to ourselves."""
        sockets = " ".join(origin.replace("http", "ws", 1) for origin in web.origins(config))
        self.text = "; ".join(
            [
                "default-src 'self'",
                " ".join(["script-src 'self'", *hashes]),
                "style-src 'self' 'unsafe-inline'",  # the pages' style library writes <style> elements as it goes
                "img-src 'self' data: blob:",
                "font-src 'self' data:",
                f"connect-src 'self' {sockets}",
                "object-src 'none'",
                "base-uri 'none'",
                "form-action 'self'",
                "frame-ancestors 'none'",
            ]
        )
        self.is_https = config.is_https

    @classmethod
    def of_built_pages(cls, config: Settings, folder: Path = BUILT_PAGES) -> Policy:
        """Read the built pages; without any, no inline script is allowed."""
        return cls(config, script_hashes(path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))))


class Headers:
    """Adds the headers to every HTTP response."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        """Wrap `app`."""
        self._app = app
        self._fixed = [
            (b"content-security-policy", policy.text.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"x-frame-options", b"DENY"),
            # Same-origin, not none: with none, browsers send `Origin: null` with our own forms.
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"cross-origin-resource-policy", b"same-origin"),
        ]
        if policy.is_https:
            self._fixed.append((b"strict-transport-security", b"max-age=31536000"))
        self._of_any = [header for header in self._fixed if header[0] not in OF_DOCUMENTS]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = [(name, value) for name, value in message.get("headers", []) if name.lower() != b"server"]
                names = {name.lower() for name, _ in present}
                part = path.endswith(PARTS) and message["status"] in {200, 304}
                fixed = self._of_any if part else self._fixed
                present += [header for header in fixed if header[0] not in names]
                if b"cache-control" not in names:
                    present.append((b"cache-control", _caching(path, message["status"])))
                message["headers"] = present
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _caching(path: str, status: int) -> bytes:
    if path.startswith(PRIVATE):
        return b"no-store"
    if path.startswith(ASSETS) and status in {200, 304}:
        return IMMUTABLE  # the names of built assets carry a hash of their content
    return b"no-cache"
