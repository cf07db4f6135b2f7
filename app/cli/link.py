"""`asterism link` prints a fresh link that signs the local owner in."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Hang the command on the program."""
    app.command("link")(link)


def link(
    first_sample: Annotated[
        bool, typer.Option("--first-sample", hidden=True, help="Ask for the first SAMPLE analysis too.")
    ] = False,
) -> None:
    """Print a fresh link that signs you in as the owner; it works for a day."""
    from app.core import bus, logging, migrate  # noqa: PLC0415 - see app.cli
    from app.core.db import database  # noqa: PLC0415
    from app.core.errors import Unavailable  # noqa: PLC0415
    from app.core.settings import settings  # noqa: PLC0415
    from app.services import samples, sessions  # noqa: PLC0415

    logging.configure_beside_words()
    store = database()
    if not migrate.is_current(store):
        raise Unavailable("The database is not set up yet: start everything with `asterism run`.")
    with store.write() as session:
        token = sessions.new_welcome_link(session)
        asked = samples.first_analysis(session, sessions.local_owner(session)) if first_sample else None
    if asked is not None:
        bus.courier().settle(2)
    sys.stdout.write(f"{settings().public_url}/welcome?token={token}\n")
