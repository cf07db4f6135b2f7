"""Twenty thousand items from three sources in one analysis, and a small analysis beside it.

    python -m tests.benchmarks.scale        prints the lines of the table in docs/benchmarks.md

Real processes (Valkey, scheduler, a worker with two pool processes, the web server) on SQLite; the sandbox answers in
this process, so its memory is not counted here.
"""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlmodel import Session, col, func, select

from app.core import db, migrate
from app.models import Analysis, Item, Topic
from app.services import analyses, constellation, keys
from app.services.contract import AnalysisRequest, SourceRequest
from integrations import registry
from tests.benchmarks.people import new_actor
from tests.chaos.world import World, children, process_tree_memory
from tests.conftest import forget_process

REDDIT = 8
YOUTUBE = 10
"""The largest communities of each; Hacker News is one search."""
SCALE = 1.3
"""Of the sandbox's corpus, so that more than 20,000 items are in reach of twenty sources."""
SMALL = 200
LONGEST_SECONDS = 900.0
BEGIN, END = "<!-- scale -->", "<!-- /scale -->"
"""Around the part of docs/benchmarks.md that is written by hand from this."""


@dataclass(frozen=True, slots=True)
class Scale:
    """What was measured; seconds, bytes and items."""

    items: int
    providers: int
    topics: int
    whole_seconds: float
    peak_bytes: dict[str, int]
    """By the kind of process: the most that any of its processes held."""
    map_seconds: float
    """The map of the page, over HTTP."""
    select_seconds: float
    """The slowest of several selections on the map."""
    selected: int
    """Items in the largest selection."""
    small_items: int
    small_seconds: float
    """The small analysis, asked for while the large one runs."""
    small_was_first: bool

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the lines of the table."""
        mega = 1_000_000
        return [
            (f"{self.items:,} items from {self.providers} sources in one analysis", f"{self.whole_seconds:.0f} s", ""),
            *[
                (f"  most memory of a process: {kind}", f"{held / mega:,.0f} MB", "< 600 MB")
                for kind, held in self.peak_bytes.items()
            ],
            ("  its map over HTTP", f"{self.map_seconds * 1000:,.0f} ms", "< 1 s"),
            (
                f"  a selection on the map, slowest of several (up to {self.selected:,} items)",
                f"{self.select_seconds * 1000:,.0f} ms",
                "< 1 s",
            ),
            (
                f"  {self.small_items} items, asked for while those run",
                f"{self.small_seconds:.1f} s" + (", done first" if self.small_was_first else ", done LATER"),
                "done first",
            ),
        ]


def kept(text: str) -> str:
    """Return the part of a page about scale and requests; empty when there is none."""
    _, begin, rest = text.partition(BEGIN)
    part, end, _ = rest.partition(END)
    return f"{begin}{part}{end}\n\n" if end else ""


def measure(folder: Path, *, scale: float = SCALE) -> Scale:
    """Run it in a data folder of its own."""
    forget_process()
    migrate.upgrade(db.database())
    environment = {"ASTERISM_ITEM_LIMIT": "200000", "ASTERISM_LEASE_SECONDS": "60"}
    with World(folder, new_actor(), scale=scale, environment=environment) as world:
        web = world.start_web()
        world.finished(world.ask("autoheberge", max_items=100))  # models and imports are loaded
        large = _ask(world, _sources(world))
        peaks: dict[str, int] = {}
        world.until(lambda: _watched(world, peaks) and _items(world, large) > 2_000, "a good start", seconds=120)
        small = world.ask("productivity", max_items=SMALL)
        started = time.monotonic()
        while world.look(large).finished_at is None:
            _watched(world, peaks)
            time.sleep(0.05)
            if time.monotonic() - started > LONGEST_SECONDS:
                raise AssertionError(world.report())
        one, other = world.look(large), world.finished(small)
        assert (one.status, other.status) == ("completed", "completed"), world.report()
        map_seconds = _map_over_http(world, web, large)
        select_seconds, selected = _selections(world, large)
        _watched(world, peaks)
        with world.database.read() as session:
            return Scale(
                items=_items(world, large),
                providers=_count(session, select(func.count(func.distinct(Item.provider))), large),
                topics=_count(session, select(func.count(col(Topic.id))), large, Topic),
                whole_seconds=_seconds(one),
                peak_bytes=peaks,
                map_seconds=map_seconds,
                select_seconds=select_seconds,
                selected=selected,
                small_items=_items(world, small),
                small_seconds=_seconds(other),
                small_was_first=bool(other.finished_at and one.finished_at and other.finished_at < one.finished_at),
            )


def _sources(world: World) -> Sequence[SourceRequest]:
    found = []
    for source, most in (("reddit", REDDIT), ("youtube", YOUTUBE)):
        names = [community.name for community in world.sandbox.corpus.communities_of(source)]
        largest = sorted(names, key=lambda name: -world.expected(name))[:most]
        for name in largest:
            recognised = registry.recognise(f"r/{name}" if source == "reddit" else f"yt:@{name}")
            assert recognised is not None
            found.append(SourceRequest(provider=recognised[0], query=recognised[1].model_dump(exclude_none=True)))
    for words in ("the", "my"):
        found.append(SourceRequest(provider="hackernews", query={"search": words}))
    return found


def _ask(world: World, sources: Sequence[SourceRequest]) -> str:
    wanted = AnalysisRequest(question="What do people wish for?", sources=list(sources))
    with world.database.write() as session:
        return analyses.request(session, world.actor, wanted)


def _watched(world: World, peaks: dict[str, int]) -> bool:
    """Note the most memory that any process of each kind has held so far."""
    for name, process in world.processes.items():
        for held in process_tree_memory(process.pid).values():
            peaks[name] = max(peaks.get(name, 0), held)
        for one in (process.pid, *children(process.pid)):
            peaks[name] = max(peaks[name], _peak(one))
    return True


def _peak(process_id: int) -> int:
    """Return the most that the kernel saw a process hold; samples may miss a peak."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)


def _items(world: World, analysis_id: str) -> int:
    with world.database.read() as session:
        return _count(session, select(func.count(col(Item.id))), analysis_id)


def _count(session: Session, query: object, analysis_id: str, table: type = Item) -> int:
    return int(session.exec(query.where(table.analysis_id == analysis_id)).one())  # type: ignore[attr-defined, call-overload]


def _seconds(analysis: Analysis) -> float:
    assert analysis.finished_at is not None
    return (analysis.finished_at - analysis.created_at).total_seconds()


def _map_over_http(world: World, web: str, analysis_id: str) -> float:
    with world.database.write() as session:
        secret = keys.create(session, world.actor, "bench").secret
    slowest = 0.0
    with httpx.Client(headers={"authorization": f"Bearer {secret}"}, timeout=30) as http:
        http.get(f"{web}/api/v1/analyses/{analysis_id}/map").raise_for_status()  # its first answer compiles the query
        for _ in range(3):
            begun = time.perf_counter()
            http.get(f"{web}/api/v1/analyses/{analysis_id}/map").raise_for_status()
            slowest = max(slowest, time.perf_counter() - begun)
    return slowest


def _selections(world: World, analysis_id: str) -> tuple[float, int]:
    """Select with the whole square, its corners, and a hand-drawn ring of sixty points, as a lasso sends them."""
    ring = [
        (0.5 + 0.3 * math.cos(turn / 60 * math.tau), 0.5 + 0.3 * math.sin(turn / 60 * math.tau)) for turn in range(60)
    ]
    shapes = [[(0, 0), (1, 0), (1, 1), (0, 1)], [(0, 0), (0.5, 0), (0.5, 0.5), (0, 0.5)], ring]
    slowest, most = 0.0, 0
    with world.database.read() as session:
        constellation.items_in(session, world.actor, analysis_id, ring)  # numpy is loaded, as in a web process
    for shape in shapes:
        begun = time.perf_counter()
        with world.database.read() as session:
            found = constellation.items_in(session, world.actor, analysis_id, shape)
        slowest = max(slowest, time.perf_counter() - begun)
        most = max(most, found.items)
    return slowest, most


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="ast-") as name:
        for variable in [variable for variable in os.environ if variable.startswith("ASTERISM_")]:
            del os.environ[variable]
        os.environ |= {"ASTERISM_DATA_DIR": name, "ASTERISM_LOG_LEVEL": "error"}
        for what, figure, budget in measure(Path(name)).rows():
            print(f"| {what.strip()} | {figure} | {budget} |")


if __name__ == "__main__":
    main()
