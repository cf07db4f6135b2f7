"""`asterism scheduler` starts what is due."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("scheduler")(scheduler)


def scheduler() -> None:
    """Re-send lost jobs, take back those of dead workers, start what is due; a second one is harmless."""
    from app.core.db import database  # noqa: PLC0415 - see app.cli
    from app.services.key_ring import require_same_keys  # noqa: PLC0415
    from tasks.scheduler import run  # noqa: PLC0415

    require_same_keys(database())

    run()
