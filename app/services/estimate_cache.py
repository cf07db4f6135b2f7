"""What sources said of a query, kept for some minutes and shared by all processes: typing asks a provider once.

In Redis; while that is away each process keeps its own. Nothing here is needed: a miss asks the provider.
"""

from __future__ import annotations

import hashlib
import json
import time
from contextlib import suppress
from datetime import datetime

import structlog
from redis.exceptions import RedisError

from app.core import redis
from app.core.bus import CHANNEL_PREFIX
from app.services.providers import SourceSetup
from integrations.contracts import Scope, SourceQuery, Volume

log = structlog.get_logger(__name__)

KEPT_SECONDS = 600
"""A count changes slowly, and is shown as a band."""
STEP_SECONDS = 600
"""Times of a scope are taken as alike within one step: "30 days ago" moves on with every key that is typed."""
_MOST = 500

_own: dict[str, tuple[float, str]] = {}


def key(setup: SourceSetup, query: SourceQuery, scope: Scope) -> str:
    """Return under what the answer to a question is kept: where it is asked, what, and how narrow."""
    told = {
        "at": [setup.id, setup.sample, setup.config.base_url],
        "query": query.model_dump(mode="json"),
        "scope": [_step(scope.since), _step(scope.until), sorted(scope.keywords), scope.item_limit],
    }
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return f"{CHANNEL_PREFIX}volume:{digest}"


def find(name: str) -> Volume | None:
    """Return what is kept; None when nothing is. May wait for Redis: not for the event loop."""
    words: str | None = None
    with suppress(RedisError):
        words = redis.connection().get(name)  # type: ignore[assignment]  # no coroutine: the client is a sync one
    if words is None:
        ends, words = _own.get(name, (0.0, ""))
        if time.monotonic() >= ends:
            return None
    return _volume(words)


def keep(name: str, volume: Volume) -> None:
    """Keep what a source said. May wait for Redis: not for the event loop."""
    words = json.dumps([volume.items, volume.requests, volume.assumptions, volume.title])
    with suppress(RedisError):
        redis.connection().set(name, words, ex=KEPT_SECONDS)
        return
    if len(_own) >= _MOST:
        _own.clear()
    _own[name] = (time.monotonic() + KEPT_SECONDS, words)


def _volume(words: str) -> Volume | None:
    try:
        items, requests, assumptions, title = json.loads(words)
        return Volume(tuple(items), tuple(requests), tuple(assumptions), title)
    except (TypeError, ValueError):  # of another version
        return None


def _step(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() // STEP_SECONDS)
