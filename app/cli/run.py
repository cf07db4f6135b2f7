"""`asterism run`: everything on one machine, from one command."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Hang the command on the program, and the step that it takes in a process of its own."""
    app.command("run")(run)
    app.command("setup", hidden=True)(setup)


def run(
    host: Annotated[str | None, typer.Option(help="Address to listen on; by default this machine only.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; by default that of ASTERISM_PUBLIC_URL.")] = None,
) -> None:
    """Start everything that the settings leave to us, and print the link that signs you in. Ctrl-C stops it all."""
    from app.cli.supervisor.loop import Stopped  # noqa: PLC0415 - see app.cli
    from app.cli.supervisor.ports import web_address  # noqa: PLC0415
    from app.cli.supervisor.stack import running_stack  # noqa: PLC0415
    from app.core.settings import settings  # noqa: PLC0415

    config = settings()
    _say(f"Starting Asterism in {config.folder()}.")
    try:
        with running_stack(config, _say, web=web_address(config, host=host, port=port)) as running:
            sys.stdout.write(f"Open {running.link}\n")
            sys.stdout.flush()
            running.supervisor.watch()
    except Stopped:
        _say("Stopped before everything was up.")
    else:
        _say("Stopped.")


def setup() -> None:
    """Bring the database up to date; print `sandbox` when a provider has to be stood in for."""
    from app.cli.db import upgrade  # noqa: PLC0415 - see app.cli
    from app.services.providers import source_setups  # noqa: PLC0415

    upgrade()
    if any(found.sample for found in source_setups()):
        sys.stdout.write("sandbox\n")


def _say(line: str) -> None:
    sys.stderr.write(f"* {line}\n")
    sys.stderr.flush()
