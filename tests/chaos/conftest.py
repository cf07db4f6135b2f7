"""Which scenarios run, and what they leave behind.

Each is marked `@pytest.mark.fault("F2", "whole worker killed")`; those with `smoke=True` run with every test run,
all of them where ASTERISM_CHAOS=full (`make chaos`). Those with `long=True` take a minute or more: they begin first, so
that none of them runs on alone when all others are done.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.core.db import Database
from app.services.access import Actor
from tests.chaos import chronicle
from tests.chaos.chronicle import Tally
from tests.chaos.world import World

FULL = os.environ.get("ASTERISM_CHAOS") == "full"

WorldMaker = Callable[..., World]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if FULL:
        items.sort(key=lambda item: not _marked(item, "long"))
        return
    kept, left = [], []
    for item in items:
        chaos = item.get_closest_marker("fault") is not None
        (left if chaos and not _marked(item, "smoke") else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


def _marked(item: pytest.Item, how: str) -> bool:
    mark = item.get_closest_marker("fault")
    return mark is not None and bool(mark.kwargs.get(how))


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.stash[PASSED] = report.passed
    if report.failed:
        chronicle.write_failure(f"{item.nodeid} ({report.when})\n{report.longreprtext}\n")


PASSED = pytest.StashKey[bool]()


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Count faults and recoveries; what was counted is written down when the scenario is over."""
    counts = Tally()
    started = time.monotonic()
    yield counts
    mark = request.node.get_closest_marker("fault")
    if mark is None:
        return
    row, fault = mark.args
    chronicle.write(
        row,
        fault,
        request.node.originalname,
        _database(request),
        counts,
        passed=request.node.stash.get(PASSED, False),
        seconds=time.monotonic() - started,
    )


@pytest.fixture
def make_world(data_folder: Path, database: Database, workspace_actor: Actor, tally: Tally) -> WorldMaker:
    """Make a world on the test's database: `with make_world(scale=0.4) as world:`."""
    return lambda **values: World(data_folder, workspace_actor, tally=tally, **{"scale": 0.1, **values})


def _database(request: pytest.FixtureRequest) -> str:
    names = request.fixturenames
    if "database" in names:
        return str(request.node.callspec.params["database"])
    return "postgresql" if "postgresql_database" in names or "own_cluster" in names else "sqlite"
