"""Facts about the web process that its server, the HTTP API and the pages must agree on."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.core.settings import Settings, settings

SECURE_COOKIE = "__Host-sid"
PLAIN_COOKIE = "sid"
LONGEST_PATH = 1000
NOT_PAGES = frozenset({"api", "welcome", "sign-in"})
"""First parts of addresses that nobody is led back to."""
LOCAL_HOSTS = ("localhost", "127.0.0.1")

WEB_ENVIRONMENT = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "REFLEX_CHECK_LATEST_VERSION": "false",
    # Reflex's default takes 1 MB from anyone; our largest event is a form.
    "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "131072",
    # A dropped network must be noticed soon: until then a reconnecting page is given a new, empty state.
    "REFLEX_SOCKET_INTERVAL": "10",
    "REFLEX_SOCKET_TIMEOUT": "20",
}
"""What the web process is started with. `__REFLEX_MOUNT_FRONTEND_COMPILED_APP=true` is added when the pages are
built."""


def cookie_name(config: Settings | None = None) -> str:
    """Return the session cookie's name: with `__Host-` on https, where browsers enforce what that prefix promises."""
    return SECURE_COOKIE if (config or settings()).is_https else PLAIN_COOKIE


def session_token(cookie_header: str) -> str:
    """Return the session's token in a Cookie header; empty when there is none.

    Other programs on this host may have set cookies in any form (ports share them), so nothing but ours is parsed;
    `http.cookies` gives up at the first one that it finds strange.
    """
    wanted = cookie_name()
    for part in cookie_header.split(";"):
        name, _, value = part.partition("=")
        if name.strip() == wanted:
            return value.strip()
    return ""


def origins(config: Settings) -> list[str]:
    """Return the origins that our own pages are opened from: the public one, and its twins when that is local."""
    parts = urlsplit(config.public_url)
    if parts.hostname not in LOCAL_HOSTS:
        return [config.public_url]
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{host}{port}" for host in LOCAL_HOSTS]


def own_path(text: str) -> str:
    """Return a path of this site with its query, as an address names where to go on; empty for anything else.

    Anybody can write such an address: what a browser could read as another site is refused, not mended.
    """
    if not 0 < len(text) <= LONGEST_PATH or text[0] != "/" or text[1:2] in {"/", "\\"}:
        return ""
    if not text.isascii() or any(letter <= " " or letter in "\\\x7f" for letter in text):
        return ""
    path = text.partition("?")[0].partition("#")[0]
    first, *rest = path[1:].split("/")
    # Nothing that somebody could read differently: encoded signs, steps up, empty steps.
    strange = "%" in path or any(part in {"", ".", ".."} for part in (first, *rest)[: None if path != "/" else 0])
    return "" if strange or first.casefold() in NOT_PAGES else text
