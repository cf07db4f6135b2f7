"""The one way from async code to services: a session in a thread, one service, a commit, plain values back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlmodel import Session

from app.core.db import database

P = ParamSpec("P")
R = TypeVar("R")


async def read(service: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that only reads. Raises what it raises."""

    def call() -> R:
        with database().read() as session:
            return service(session, *args, **kwargs)

    return await asyncio.to_thread(call)


async def write(service: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a service that writes, in one transaction. Raises what it raises, after a rollback."""

    def call() -> R:
        with database().write() as session:
            return service(session, *args, **kwargs)

    return await asyncio.to_thread(call)
