"""Connections to Redis or Valkey: broker, bus, locks and rate limits.

Every call has a deadline: a frozen server must never freeze a page (a call without one hung for 30 s and more).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from app.core.settings import Settings, settings

if TYPE_CHECKING:
    import redis.asyncio

    from app.core.patient_redis import PatientRedis

SOCKET_PATH_LIMIT = 100
"""Linux takes 108 bytes for the path of a unix socket (`man 7 unix`); the server adds a few."""

TIMEOUT_SECONDS = 0.5
"""For an answer of the server beside us; who gets none goes on without (`core.patient_redis`)."""


def socket_path(folder: Path) -> Path:
    """Return where the embedded server's unix socket lies for this data folder.

    In the folder itself, or, when that path is too long for a socket, in a private folder of the temporary one.
    """
    direct = folder / "run" / "valkey.sock"
    if len(os.fsencode(direct)) <= SOCKET_PATH_LIMIT:
        return direct
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"asterism-{os.getuid()}-{digest}" / "valkey.sock"


def redis_url(config: Settings) -> str:
    """Return the address of the bus in redis-py's form."""
    return config.redis_url or f"unix://{quote(str(socket_path(config.folder())))}?db=0"


def broker_url(config: Settings) -> str:
    """Return the same address in Celery's form."""
    if config.redis_url is None:
        return f"redis+socket://{quote(str(socket_path(config.folder())))}?virtual_host=0"
    if config.redis_url.startswith("unix://"):
        path, _, query = config.redis_url.removeprefix("unix://").partition("?")
        database = dict(part.partition("=")[::2] for part in query.split("&") if part).get("db", "0")
        return f"redis+socket://{path}?virtual_host={database}"
    return config.redis_url


def connection() -> PatientRedis:
    """Return this process's client; after a fork, a new one."""
    return _connection(os.getpid())


def async_connection(config: Settings, *, timeout: float | None = None) -> redis.asyncio.Redis:
    """Return a client for one event loop; the caller closes it.

    Args:
        config: Where the server is.
        timeout: Seconds for one read; None waits for ever, which only a subscription may.
    """
    import redis.asyncio  # noqa: PLC0415 - the worker needs only the other half

    return redis.asyncio.from_url(
        redis_url(config),
        socket_timeout=timeout,
        socket_connect_timeout=TIMEOUT_SECONDS,
        health_check_interval=10,
        decode_responses=True,
    )


@cache
def _connection(process_id: int) -> PatientRedis:
    from redis.backoff import NoBackoff  # noqa: PLC0415 - 60 ms that commands without a broker need not spend
    from redis.retry import Retry  # noqa: PLC0415

    from app.core.patient_redis import PatientRedis  # noqa: PLC0415

    del process_id
    made = PatientRedis.from_url(
        redis_url(settings()),
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        health_check_interval=10,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),  # the default's own retries hide an outage for ten seconds
    )
    return cast("PatientRedis", made)  # the library says that it returns its own class
