"""`asterism sandbox` runs the local SAMPLE providers."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

DEFAULT_PORT = 3999


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("sandbox")(sandbox)


def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = DEFAULT_PORT,
) -> None:
    """Serve local stand-ins that speak each provider's wire format, with made-up SAMPLE talk.

    Point the others at it with ASTERISM_SANDBOX_URL. Its /_control asks for ASTERISM_SANDBOX_SECRET.
    """
    from app.core import secrets  # noqa: PLC0415 - see app.cli
    from app.core.errors import Conflict  # noqa: PLC0415
    from app.core.settings import settings  # noqa: PLC0415
    from integrations.sandbox.server import serve  # noqa: PLC0415

    configured = settings().sandbox_secret
    sys.stderr.write(f"The sandbox answers at http://{host}:{port}; everything in it is made up.\n")
    try:
        serve(host, port, secret=configured.get_secret_value() if configured else secrets.new_token())
    except OSError as error:
        raise Conflict(
            f"The sandbox cannot listen on {host}:{port} ({error.strerror}): choose another --port."
        ) from error
