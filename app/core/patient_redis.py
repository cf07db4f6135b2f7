"""A Redis client that does not ask a server again and again that did not answer a moment ago.

A frozen server costs a call its whole deadline, and one page makes several: the first one that fails lets all of this
process's others fail at once for some seconds, so that each does what it does without Redis.
"""

from __future__ import annotations

import time
from typing import Any

import redis
import structlog
from redis.exceptions import ConnectionError as NoConnection
from redis.exceptions import TimeoutError as NoAnswer

log = structlog.get_logger(__name__)

ASIDE_SECONDS = 5.0


class PatientRedis(redis.Redis):
    """As its parent, but after a call without an answer it raises `ConnectionError` at once for `ASIDE_SECONDS`."""

    aside_until = 0.0

    @property
    def aside(self) -> bool:
        """Whether it would not even ask now."""
        return time.monotonic() < self.aside_until

    def stand_aside(self, error: Exception) -> None:
        """Ask nothing for a while: this call, or that of another client of the same server, was not answered."""
        self.aside_until = time.monotonic() + ASIDE_SECONDS
        log.warning("redis.aside", seconds=ASIDE_SECONDS, error=str(error))

    def execute_command(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 - as its parent's
        """Ask the server. Raises `redis.RedisError`."""
        if self.aside:
            raise NoConnection("Redis did not answer a moment ago.")
        try:
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]
        except (NoConnection, NoAnswer) as error:
            self.stand_aside(error)
            raise
