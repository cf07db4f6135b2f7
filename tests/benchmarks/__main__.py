"""Run every benchmark and write `docs/benchmarks.md`. `make bench` calls it; ratios are within one run."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core import db, migrate
from app.services import queue
from tests.benchmarks import overhead, pages, queue_part, scale, throughput
from tests.benchmarks.people import new_actor
from tests.chaos.world import World
from tests.conftest import forget_process

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"
COMMUNITIES = ("selfhosted", "homelab", "datahoarder")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="ast-") as name:
        folder = Path(name)
        for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
            del os.environ[variable]
        os.environ |= {"ASTERISM_DATA_DIR": name, "ASTERISM_LOG_LEVEL": "error"}
        with _world(folder) as world:
            print("throughput …", flush=True)
            through = throughput.measure(world, COMMUNITIES)
            print("queue …", flush=True)
            queued = overhead.measure(world)
        print("list pages …", flush=True)
        listed = pages.measure(folder, int(os.environ.get("BENCH_ITEMS", "1000000")))
    text = _document(through, queued, listed)
    DOCUMENT.parent.mkdir(exist_ok=True)
    before = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    DOCUMENT.write_text(f"{text}\n{scale.kept(before)}{queue_part.kept(before)}", encoding="utf-8")
    print(text)
    queue_part.main()


@contextmanager
def _world(folder: Path) -> Iterator[World]:
    forget_process()
    migrate.upgrade(db.database())
    with World(folder, new_actor()) as world:
        world.until(lambda: _workers(world) > 0, "a worker is there")
        world.finished(world.ask("androidapps"))  # warm: models and imports are loaded
        yield world
        shutil.rmtree(folder / "valkey", ignore_errors=True)


def _workers(world: World) -> int:
    with world.database.read() as session:
        return queue.workers(session)[1]


def _document(through: throughput.Throughput, queued: overhead.Overhead, listed: pages.Pages) -> str:
    mega = 1024 * 1024
    rows = [
        (
            "items collected, cleaned and scored a second, through the queue",
            f"{through.items / through.queue_seconds:,.0f}",
            "",
        ),
        ("the same work in one bare loop", f"{through.items / through.loop_seconds:,.0f}", ""),
        ("queue against loop (2 worker processes)", f"{through.ratio:.2f}", "≥ 0.5 a process"),
        (f"{through.items:,} items, from the request to the report", f"{through.whole_seconds:.1f} s", "< 60 s"),
        ("from the request to the first stored items", f"{through.first_items_seconds:.2f} s", "< 3 s"),
        ("largest process of the worker", f"{through.largest_process_bytes / mega:,.0f} MiB", "≤ 400 MB"),
        ("enqueue → start, idle, median", f"{queued.median_seconds * 1000:.0f} ms", ""),
        ("enqueue → start, idle, p95", f"{queued.p95_seconds * 1000:.0f} ms", "≤ 100 ms"),
        *[
            (f"{name}, at {listed.items:,} items, p95", f"{seconds * 1000:.1f} ms", "≤ 150 ms")
            for name, seconds in listed.p95_seconds.items()
        ],
    ]
    table = "\n".join(f"| {name} | {value} | {budget} |" for name, value, budget in rows)
    return f"""# Benchmarks

Measured by `make bench`, which writes this page, on {os.cpu_count()} cores, Python {platform.python_version()}, SQLite.
The cores were shared, so read single times as orders of magnitude; ratios are within one run.

| what | measured | budget |
|---|---|---|
{table}

The loop and the queue do the same parse, insert, clean and score of the same sandbox pages ({", ".join(COMMUNITIES)});
the loop has its pages in memory, the queue fetches them over HTTP. Two worker processes, one worker.
"""


if __name__ == "__main__":
    main()
