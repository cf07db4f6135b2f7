"""How long a page of a list takes when one analysis holds very many items."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from app.core import db, migrate
from app.core.db import Database
from app.core.ids import new_id
from app.core.settings import settings
from app.models import Analysis, Item
from app.services import analyses, items
from app.services.access import Actor
from app.services.items import ItemFilters
from tests.benchmarks.people import new_actor
from tests.conftest import forget_process
from tests.factories import MOMENT, item, wanted

RUNS = 40
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Pages:
    """Seconds by what was listed."""

    items: int
    p95_seconds: dict[str, float]


def measure(folder: Path, count: int) -> Pages:
    """Fill a database of its own, then time each list."""
    os.environ |= {"ASTERISM_DATA_DIR": str(folder / "pages"), "ASTERISM_SANDBOX_URL": "http://127.0.0.1:9"}
    forget_process()
    settings.cache_clear()
    store = db.database()
    migrate.upgrade(store)
    actor = new_actor()
    analysis_id = _fill(store, actor, count)
    dice = random.Random(7)

    def somewhere() -> str:
        moment = MOMENT + timedelta(minutes=dice.randrange(count))
        return items.encode_cursor(moment.isoformat(), new_id())

    def page(**filters: object) -> Callable[[], object]:
        wanted_items = ItemFilters.model_validate(filters)

        def run() -> object:
            with store.read() as session:
                return items.page(session, actor, analysis_id, wanted_items, cursor=somewhere(), limit=50)

        return run

    def count_all() -> object:
        with store.read() as session:
            return items.count(session, actor, analysis_id, ItemFilters())

    return Pages(
        items=count,
        p95_seconds={
            "items, any page": _p95(page()),
            "items of one sentiment": _p95(page(sentiment="negative")),
            "items of one topic": _p95(page(topic=3)),
            "items with a common word": _p95(page(text="sync")),
            "count, capped": _p95(count_all),
        },
    )


def _fill(store: Database, actor: Actor, count: int) -> str:
    with store.write() as session:
        analysis_id = analyses.request(session, actor, wanted())
        analysis = session.get_one(Analysis, analysis_id)
    labels = ("negative", "neutral", "positive", None)
    sample = item(analysis, 0).model_dump()
    for start in range(0, count, BATCH):
        rows = [
            sample
            | {
                "id": new_id(),
                "external_id": f"t1_{number:08}",
                "posted_at": MOMENT + timedelta(minutes=number),
                "sentiment_label": labels[number % 4],
                "scored": True,
                "topic_number": number % 17,
            }
            for number in range(start, min(start + BATCH, count))
        ]
        with store.write() as session:
            session.connection().execute(insert(Item), rows)
    return analysis_id


def _p95(run: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return sorted(times)[int(RUNS * 0.95)]
