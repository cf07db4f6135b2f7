"""Whether the program lives, and whether each part that it needs works. Asked by supervisors and load balancers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

import structlog
from fastapi import APIRouter, Response
from pydantic import BaseModel
from sqlalchemy import text
from sqlmodel import Session

from app.core import edge
from app.core.db import database_now
from app.core.errors import Unavailable
from app.core.redis import async_connection
from app.core.settings import settings
from app.services import operations_providers, queue, upkeep
from app.services.breaker import BreakerState

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/health", tags=["health"])

TIMEOUT_SECONDS = 2.0
SILENT_AFTER = timedelta(seconds=30)
"""A scheduler that has not been heard of for this long counts as gone."""


class Part(BaseModel):
    """One part of the program."""

    status: Literal["ok", "down"]
    detail: str
    """One sentence."""
    milliseconds: float


class Readiness(BaseModel):
    """The whole: `down` without the database; `degraded` when pages work but not everything behind them does."""

    status: Literal["ok", "degraded", "down"]
    parts: dict[str, Part]


class _Broken(Exception):
    """A part answers, and what it says is not good."""


@router.get("/live")
async def live() -> dict[str, str]:
    """Answer as long as the process can answer anything."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(response: Response) -> Readiness:
    """Ask every part at once; 503 only when the database is gone, since pages work without the others."""
    checks: dict[str, Callable[[], Awaitable[str]]] = {
        "database": lambda: edge.read(_database),
        "broker": _broker,
        "scheduler": lambda: edge.read(_scheduler),
        "workers": lambda: edge.read(_workers),
        "providers": lambda: asyncio.to_thread(_providers),
    }
    parts = dict(zip(checks, await asyncio.gather(*(_ask(*check) for check in checks.items())), strict=True))
    broken = {name for name, part in parts.items() if part.status == "down"}
    status: Literal["ok", "degraded", "down"] = "down" if "database" in broken else "degraded" if broken else "ok"
    response.status_code = 503 if status == "down" else 200
    return Readiness(status=status, parts=parts)


async def _ask(name: str, check: Callable[[], Awaitable[str]]) -> Part:
    started = time.monotonic()
    status: Literal["ok", "down"] = "down"
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            detail = await check()
        status = "ok"
    except _Broken as finding:
        detail = str(finding)
    except TimeoutError:
        detail = f"The {name} did not answer within {TIMEOUT_SECONDS:g} s."
    except Exception as error:  # noqa: BLE001 - whatever a driver raises, it means that this part does not work
        log.warning("health.failed", part=name, error=str(error))
        detail = f"The {name} cannot be reached; the log says why."
    return Part(status=status, detail=detail, milliseconds=round((time.monotonic() - started) * 1000, 1))


def _database(session: Session) -> str:
    session.connection().execute(text("SELECT 1")).one()
    return "The database answers."


async def _broker() -> str:
    async with async_connection(settings(), timeout=1.0) as client:
        await client.execute_command("PING")  # type: ignore[no-untyped-call]
    return "The broker answers."


def _scheduler(session: Session) -> str:
    tick = upkeep.last_tick(session)
    if tick is None or tick.last_started_at is None or database_now(session) - tick.last_started_at > SILENT_AFTER:
        raise _Broken("No scheduler has been heard of for 30 s; start one with `asterism scheduler`.")
    return f"The scheduler sweeps every {tick.every_seconds:g} s."


def _workers(session: Session) -> str:
    free, total = queue.workers(session)
    if total == 0:
        raise _Broken("No worker has been heard of lately; start one with `asterism worker`.")
    return f"{free} of {total} places at workers are free."


def _providers() -> str:
    try:
        rows = operations_providers.standing()
    except Unavailable as error:
        raise _Broken(error.message) from error
    alone = sum(row.state is BreakerState.OPEN for row in rows)
    if alone:  # which ones and why is for those who run the installation; anybody may ask here
        raise _Broken(
            f"{alone} of {len(rows)} providers left alone for a while after failing again and again; "
            "those who run this Asterism see which and why at /operations."
        )
    return f"None of {len(rows)} providers is left alone after failing."
