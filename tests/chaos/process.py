"""The program's processes as the chaos suite starts them: the real ones, with what a test wants changed in them.

    python -m tests.chaos.process worker|scheduler      with CHAOS='{"price": 1000, "errands": true}'

price: micro-USD for a request to Reddit · errands: `collect` jobs are the suite's own (`tests.chaos.errands`)
host: the process says that it runs on another host · skew: its clock is wrong by seconds · payload_version: the newest
that it knows · disk_pages: file with the most pages that SQLite may have · facts: file for what a running worker is
like · deadline: seconds of one call to a provider · breaker: seconds that it is open first
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

NAME = "CHAOS"
AFTER_READING = frozenset({"errands", "host"})
"""Changes that also hold in a process that has read the modules before: nobody has taken what they change by name."""

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Change what is asked for, then run the real thing."""
    changes: dict[str, Any] = json.loads(os.environ.get(NAME, "{}"))
    for name, value in changes.items():
        CHANGES[name](value)
    if sys.argv[1] == "scheduler":
        from tasks.scheduler import run

        run()
    else:
        from tasks.worker import run as work

        work(sys.argv[2:])


def die_with_parent() -> None:
    """Let this process be killed when the one that made it is, however that ends (`man 2 prctl`)."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _price(micros: int) -> None:
    from app.services import prices

    prices.PRICES = tuple(
        dataclasses.replace(row, micros_per_million=micros * 1_000_000)
        if (row.provider, row.unit) == ("reddit", "request")
        else row
        for row in prices.PRICES
    )


def _errands(wanted: bool) -> None:
    from tasks import registry

    if wanted:
        registry._MODULES["collect"] = "tests.chaos.errands"


def _host(name: str) -> None:
    from tasks import who

    who.host = lambda: name


def _skew(seconds: float) -> None:
    from app.core import clock

    true_time = time.time
    time.time = lambda: true_time() + seconds
    clock.now = lambda: datetime.now(UTC) + timedelta(seconds=seconds)
    for module in list(sys.modules.values()):  # those that have imported the name already
        if getattr(module, "__name__", "").startswith(("app.", "tasks.")) and hasattr(module, "now"):
            module.now = clock.now


def _payload_version(version: int) -> None:
    from app.services import queueing

    queueing.PAYLOAD_VERSION = version


def _disk_pages(path: str) -> None:
    from sqlalchemy import Engine, event

    @event.listens_for(Engine, "begin")
    def limit(connection: Any) -> None:
        pages = Path(path).read_text() if Path(path).exists() else "1073741823"
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def _deadline(seconds: float) -> None:
    from integrations import registry

    registry.connect = partial(registry.connect, total_seconds=seconds)


def _breaker(seconds: float) -> None:
    from app.services import breaker

    breaker.OPEN_SECONDS = seconds


def _facts(path: str) -> None:
    from celery.signals import worker_ready

    @worker_ready.connect(weak=False)
    def tell(sender: Any, **_: Any) -> None:
        channel = sender.task_consumer.channel
        pool = sender.pool._pool
        connection = channel.client.connection_pool.connection_kwargs
        Path(path).write_text(
            json.dumps(
                {
                    "prefetch": channel.qos.prefetch_count,
                    "keeps_copies": channel.ack_emulation,
                    "socket_timeout": connection.get("socket_timeout"),
                    "socket_connect_timeout": connection.get("socket_connect_timeout"),
                    "health_check_interval": connection.get("health_check_interval"),
                    "keyprefix": channel.global_keyprefix,
                    "hard_limit": pool.timeout,
                    "soft_limit": pool.soft_timeout,
                    "tasks_per_child": pool._maxtasksperchild,
                    "memory_per_child": pool._max_memory_per_child,
                    "processes": len(pool._pool),
                    "queues": sorted(queue.name for queue in sender.task_consumer.queues),
                    "accept": sorted(sender.task_consumer.accept),
                    "tasks": sorted(name for name in sender.app.tasks if not name.startswith("celery.")),
                    "remote_control": hasattr(sender, "pidbox_node"),
                    "backend": type(sender.app.backend).__name__,
                    "soft_shutdown_timeout": sender.app.conf.worker_soft_shutdown_timeout,
                    "acks_late": sender.app.tasks["asterism.run_job"].acks_late,
                    "reject_on_worker_lost": sender.app.tasks["asterism.run_job"].reject_on_worker_lost,
                }
            )
        )


CHANGES = {
    "price": _price,
    "errands": _errands,
    "host": _host,
    "skew": _skew,
    "payload_version": _payload_version,
    "disk_pages": _disk_pages,
    "deadline": _deadline,
    "breaker": _breaker,
    "facts": _facts,
}

if __name__ == "__main__":
    main()
