"""`asterism scheduler` starts what is due."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("scheduler")(scheduler)


def scheduler() -> None:
    """Re-send lost jobs, take back those of dead workers, start what is due; a second one is harmless."""
    from tasks.scheduler import run  # noqa: PLC0415 - see app.cli

    run()
