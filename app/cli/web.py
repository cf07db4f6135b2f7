"""`asterism web` serves pages and API; `asterism build` makes the pages that it serves."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

KILL_SECONDS = 5
"""What the server's process gets to end after TERM."""


def register(app: typer.Typer) -> None:
    """Hang both commands on the program."""
    app.command("web")(web)
    app.command("build")(build)


def web(
    host: Annotated[str | None, typer.Option(help="Address to listen on; by default this machine only.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; by default that of ASTERISM_PUBLIC_URL.")] = None,
) -> None:
    """Serve the pages and the API; run it apart from the worker in production."""
    from dotenv import dotenv_values  # noqa: PLC0415 - see app.cli

    from app.cli.supervisor.ports import require_free, web_address  # noqa: PLC0415 - see app.cli
    from app.core import frontend  # noqa: PLC0415
    from app.core.db import database  # noqa: PLC0415
    from app.core.settings import ENV_FILE, settings  # noqa: PLC0415
    from app.services.key_ring import require_same_keys  # noqa: PLC0415

    config = settings()
    address = web_address(config, host=host, port=port)
    require_free(address)
    require_same_keys(database())
    folder = frontend.build(config, _say)
    # The server starts in the program's folder, so what a `.env` here says is handed over.
    local = {name: value for name, value in dotenv_values(ENV_FILE).items() if value is not None}
    environment = {**local, **os.environ, **frontend.web_environment(config, folder)}
    os.chdir(frontend.PROJECT)
    os.execve(  # noqa: S606 - the server takes this process over, which saves 20 MB
        sys.executable,
        [
            *(sys.executable, "-m", "granian"),
            *("--interface", "asgi", "--factory"),
            *("--host", address.host, "--port", str(address.port)),
            *("--workers", "1", "--workers-kill-timeout", str(KILL_SECONDS)),
            *("--log-level", "warning"),
            "app.cli.supervisor.web_application:application",
        ],
        environment,
    )


def build() -> None:
    """Build the pages for the present version and ASTERISM_PUBLIC_URL, unless they are built already."""
    from app.core import frontend  # noqa: PLC0415 - see app.cli
    from app.core.settings import settings  # noqa: PLC0415

    folder = frontend.build(settings(), _say)
    sys.stdout.write(f"{folder}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"* {line}\n")
