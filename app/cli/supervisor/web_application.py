"""What the web server loads in its worker process: the application, tied to the life of the server."""

from __future__ import annotations

import os
from typing import Any

from app.cli.supervisor.lifeline import MARK, tie_to_parent


def application() -> Any:  # noqa: ANN401 - Reflex's own type is loose
    """Return the ASGI application. A kill -9 of the server leaves no worker behind that holds its port."""
    if MARK in os.environ:
        tie_to_parent(os.getppid())
    from app.app import app  # noqa: PLC0415 - the web server alone may load it

    return app()
