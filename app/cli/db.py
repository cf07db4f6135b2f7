"""`asterism db` looks after the database."""

from __future__ import annotations

import sys

import typer


def register(app: typer.Typer) -> None:
    """Hang the group on the program."""
    group = typer.Typer(help="Look after the database.", no_args_is_help=True)
    group.command("upgrade")(upgrade)
    group.command("status")(status)
    group.command("accept-keys")(accept_keys)
    app.add_typer(group, name="db")


def upgrade() -> None:
    """Bring the database to the shape that this version needs; safe to repeat."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - see app.cli

    from app.core import logging, migrate  # noqa: PLC0415
    from app.core.db import database  # noqa: PLC0415
    from app.core.errors import Unavailable  # noqa: PLC0415

    logging.configure_beside_words()
    try:
        migrate.upgrade(database())
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise Unavailable(
            f"The database could not be brought up to date ({reason}): nothing was changed; correct "
            f"ASTERISM_DATABASE_URL or the database and try again."
        ) from error
    sys.stdout.write("The database is up to date.\n")


def accept_keys() -> None:
    """Take this host's secret keys as the installation's; only when the old ones are lost for good."""
    from app.core import logging  # noqa: PLC0415 - see app.cli
    from app.core.db import database  # noqa: PLC0415
    from app.services import key_ring  # noqa: PLC0415

    logging.configure_beside_words()
    with database().write() as session:
        key_ring.accept(session)
    sys.stdout.write("These keys are the installation's now. Authors known so far count as other people.\n")


def status() -> None:
    """Say whether the database has the shape that this version needs."""
    from app.core import logging, migrate  # noqa: PLC0415 - see app.cli
    from app.core.db import database  # noqa: PLC0415

    logging.configure_beside_words()
    if not migrate.is_current(database()):
        sys.stdout.write("The database needs `asterism db upgrade`.\n")
        raise typer.Exit(1)
    sys.stdout.write("The database is up to date.\n")
