"""The door of the `asterism` command: finds the command modules beside it and turns errors into one sentence."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Sequence

import typer

import app.cli
from app.core.errors import AppError, SettingsError

WRONG_USE = 2
"""Exit code when a setting, an argument or the state of things stops a command before it did anything."""


def build() -> typer.Typer:
    """Return the whole command with every module of `app.cli` hung on it."""
    program = typer.Typer(
        name="asterism",
        help="Hears what communities say, shows the pattern with checked evidence, and lets you answer.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in command_modules():
        importlib.import_module(f"app.cli.{name}").register(program)
    return program


def command_modules() -> list[str]:
    """Return the names of the modules that hold commands, sorted."""
    return sorted(
        module.name
        for module in pkgutil.iter_modules(app.cli.__path__)
        if module.name not in {"main", "__main__"} and not module.ispkg
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code.

    Args:
        arguments: What follows `asterism`; None takes it from the command line.
    """
    os.umask(0o077)  # what we write is for this user alone
    try:
        build()(args=None if arguments is None else list(arguments), prog_name="asterism")
    except (AppError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(WRONG_USE)
    except BrokenPipeError:  # `asterism … | head` closes our output early
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        # By its name: importing SQLAlchemy for its class would double the time of `asterism --help`.
        if type(error).__name__ != "OperationalError":
            raise
        sys.stderr.write("The database does not answer; `asterism doctor` says why.\n")
        sys.exit(WRONG_USE)
