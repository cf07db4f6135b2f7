"""`asterism keys` makes, lists and revokes API keys of the local owner's workspace."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from app.core.errors import InvalidInput


def register(app: typer.Typer) -> None:
    """Hang the group on the program."""
    group = typer.Typer(help="API keys for scripts.", no_args_is_help=True)
    group.command("create")(create)
    group.command("list")(list_keys)
    group.command("revoke")(revoke)
    app.add_typer(group, name="keys")


def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    role: Annotated[str, typer.Option(help="viewer, editor, admin or owner.")] = "editor",
) -> None:
    """Make a key and print it, this once."""
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import edge, logging  # noqa: PLC0415
    from app.models import Role  # noqa: PLC0415
    from app.services import keys  # noqa: PLC0415

    if role not in set(Role):
        raise InvalidInput(f"There is no role {role!r}; choose from {', '.join(Role)}.", field="role")

    logging.configure_beside_words()

    async def make() -> keys.NewKey:
        return await edge.write(keys.create, await local_owner(), name, role=Role(role))

    made = asyncio.run(make())
    sys.stderr.write(f"Key {made.id}; it is not shown again:\n")
    sys.stdout.write(f"{made.secret}\n")


def list_keys() -> None:
    """List the keys, newest first: id, state, role, first letters, name."""
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import edge, logging  # noqa: PLC0415
    from app.services import keys  # noqa: PLC0415

    logging.configure_beside_words()

    async def read() -> list[keys.KeyRow]:
        return await edge.read(keys.rows, await local_owner())

    for row in asyncio.run(read()):
        used = "never used" if row.last_used_at is None else f"used {row.last_used_at:%Y-%m-%d}"
        state = used if row.revoked_at is None else f"revoked {row.revoked_at:%Y-%m-%d}"
        sys.stdout.write(f"{row.id}  {state:<18}  {row.role:<6}  {row.prefix}…  {row.name}\n")


def revoke(key: Annotated[str, typer.Argument(metavar="ID", help="Id of a key, from the list.")]) -> None:
    """Make a key worthless from now on."""
    from app.cli.asking.here import local_owner  # noqa: PLC0415 - see app.cli
    from app.core import edge, logging  # noqa: PLC0415
    from app.services import keys  # noqa: PLC0415

    logging.configure_beside_words()

    async def end() -> None:
        await edge.write(keys.revoke, await local_owner(), key)

    asyncio.run(end())
    sys.stderr.write("Revoked.\n")
