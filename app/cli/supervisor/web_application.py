"""What the web server loads in its worker process: the application, tied to the life of the server."""

from __future__ import annotations

import os
from typing import Any

from granian.utils.proxies import wrap_asgi_with_proxy_headers

from app.cli.supervisor.lifeline import MARK, tie_to_parent
from app.core.settings import settings


def application() -> Any:  # noqa: ANN401 - Reflex's own type is loose
    """Return the ASGI application. A kill -9 of the server leaves no worker behind that holds its port."""
    if MARK in os.environ:
        tie_to_parent(os.getppid())
    from app.app import app  # noqa: PLC0415 - the web server alone may load it

    return behind_proxies(app(), settings().trusted_proxies)


def behind_proxies(app: Any, proxies: str | None) -> Any:  # noqa: ANN401 - an ASGI application, as above
    """Return the application with callers' addresses as our own reverse proxies tell them; anybody else's word is air.

    Args:
        app: An ASGI application.
        proxies: Comma list of addresses or networks; None when there are none.
    """
    return wrap_asgi_with_proxy_headers(app, [part.strip() for part in proxies.split(",")]) if proxies else app
