"""The way from the database to a worker: a bare Celery client that sends job ids by name.

The database is the queue's truth; a message is a hint that wakes a worker. This module imports no task:
`tasks.celery` registers the handler under the same name.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from celery import Celery
from sqlmodel import Session

from app.core import bus, db
from app.core.crashpoints import crashpoint
from app.core.redis import broker_url
from app.core.settings import Settings, settings

RUN_JOB = "asterism.run_job"


class QueueClass(StrEnum):
    """Which workers take a job."""

    COLLECT = "collect"
    ANALYSE = "analyse"
    AI = "ai"
    PUBLISH = "publish"
    BILLING = "billing"
    NOTIFY = "notify"
    UPKEEP = "upkeep"


@dataclass(frozen=True, slots=True)
class Wakeup:
    """The whole content of a message."""

    job_id: str
    queue: QueueClass


def client(config: Settings) -> Celery:
    """Return a Celery app with the transport settings that every side must share, and no task.

    Each value has its reason; `tests/tasks/test_celery.py` asserts that they are in force.
    """
    app = Celery("asterism", broker=broker_url(config), set_as_current=False)
    app.conf.update(
        broker_transport_options=transport_options(),
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,  # the default gives up after 100 tries, and with it the worker
        task_serializer="json",
        accept_content=["json"],  # never pickle: whoever writes to the broker would run code
        task_ignore_result=True,  # results are rows
        task_publish_retry=False,  # the sweep sends again what was lost
        task_queues=None,
        task_default_queue=QueueClass.UPKEEP,
        task_create_missing_queues=True,
        worker_enable_remote_control=False,  # nobody steers workers through the broker
        worker_send_task_events=False,
    )
    return app


def transport_options() -> dict[str, Any]:
    """Return how kombu talks to Redis. Seconds."""
    return {
        # The library keeps a copy of each message until it is acknowledged. The sweep does that better, from the rows;
        # and a worker whose acknowledgements met a cut line kept its places taken and was deaf for good (measured).
        "ack_emulation": False,
        "socket_timeout": 5,  # the default waits for ever on a frozen broker
        "socket_connect_timeout": 3,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "global_keyprefix": "asterism:celery:",  # programs that share a Redis would share the shortest timeout
    }


def wake(session: Session, wakeup: Wakeup) -> None:
    """Send a job's id to the workers once this session's transaction is committed."""
    db.after_commit(session, lambda: send(wakeup))


def send(wakeup: Wakeup) -> None:
    """Hand a job's id to the courier; returns at once. When the broker is away the sweep sends it again."""
    bus.courier().send("wake", lambda: _send(wakeup))


def _send(wakeup: Wakeup) -> None:
    crashpoint("wake.sending")
    _client(os.getpid()).send_task(RUN_JOB, args=(wakeup.job_id,), queue=wakeup.queue.value, retry=False)
    crashpoint("wake.sent")


@cache
def _client(process_id: int) -> Celery:
    del process_id
    app = client(settings())
    # One try: the library's own ones hold the courier for six seconds, and the sweep sends again what was lost.
    app.conf.broker_transport_options = transport_options() | {"max_retries": 1, "interval_start": 0, "interval_max": 0}
    return app
