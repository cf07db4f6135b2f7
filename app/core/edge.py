"""The one way from async code to services: a session in a thread, one service, a commit, plain values back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import Session

from app.core.db import Database, database
from app.core.errors import InvalidInput, Unavailable

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


async def read(service: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that only reads. Raises what it raises."""

    def call() -> R:
        with _answering(), database().read() as session:
            return service(session, *args, **kwargs)

    return await asyncio.to_thread(call)


async def write(service: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that writes, in one transaction. Raises what it raises, after a rollback."""

    def call() -> R:
        with _answering(), database().write() as session:
            return service(session, *args, **kwargs)

    return await asyncio.to_thread(call)


async def with_database(service: Callable[Concatenate[Database, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that opens its own sessions, because it reads long before it writes. Raises what it raises."""

    def call() -> R:
        with _answering():
            return service(database(), *args, **kwargs)

    return await asyncio.to_thread(call)


@contextmanager
def _answering() -> Iterator[None]:
    """Say in our words that the database is away or too busy; its own words stay in the log."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        if "no such table" in str(error):  # it answers, but was never set up: commands say how to
            raise
        log.warning("database.unavailable", error=str(error.orig if isinstance(error, OperationalError) else error))
        raise Unavailable("The database does not answer just now; try again in a moment.", retry_after=5) from error
    except DataError as error:  # what SQLite may store: NUL in a text, a number beyond its column
        log.warning("database.refused", error=type(error.orig).__name__)
        raise InvalidInput("What was sent holds a character or a number that cannot be stored; correct it.") from None
