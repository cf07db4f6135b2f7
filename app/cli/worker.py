"""`asterism worker` does the jobs."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("worker")(worker)


def worker(
    queues: Annotated[
        str | None, typer.Option(help="Queue classes to take jobs of, apart by commas; by default all.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="Jobs at the same time; default ASTERISM_WORKER_CONCURRENCY.")
    ] = None,
) -> None:
    """Take jobs from the queues and do them, until TERM; start as many as you like, on any host."""
    from app.cli.supervisor.lifeline import tie_own_children  # noqa: PLC0415 - see app.cli
    from app.core.errors import InvalidInput  # noqa: PLC0415
    from app.core.jobs import QueueClass  # noqa: PLC0415

    known = [name.value for name in QueueClass]
    wanted = [name.strip() for name in queues.split(",")] if queues is not None else []
    for name in wanted:
        if name not in known:
            raise InvalidInput(f"There is no queue {name!r}; choose from {', '.join(known)}.", field="queues")
    tie_own_children()

    from app.core.db import database  # noqa: PLC0415
    from app.services.key_ring import require_same_keys  # noqa: PLC0415

    require_same_keys(database())

    from tasks.worker import run  # noqa: PLC0415 - after the tie: it may fork

    run(wanted, concurrency)
