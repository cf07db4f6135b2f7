"""What a scenario did and saw, one line of JSON each, and the page that is made of them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

FILE = "ASTERISM_CHAOS_RECORD"
"""Names the file that scenarios append to; read at once, since a test's data folder comes without any setting."""
_PATH = os.environ.get(FILE)


@dataclass(slots=True)
class Tally:
    """Counts of one scenario."""

    injections: int = 0
    recoveries: int = 0
    worst_seconds: float | None = None
    """Longest time from a fault to the work going on; None where no scenario of it takes that time."""
    duplicates: int = 0
    losses: int = 0
    seen: dict[str, str] = field(default_factory=dict)
    """Other figures worth printing: name and value with its unit."""

    def recovered(self, seconds: float) -> float:
        """Count a recovery; returns its length."""
        self.recoveries += 1
        self.worst_seconds = max(self.worst_seconds or 0.0, seconds)
        return seconds


def write(row: str, fault: str, scenario: str, database: str, tally: Tally, *, passed: bool, seconds: float) -> None:
    """Append what a scenario showed, where a file is named."""
    if _PATH is None:
        return
    line = {"row": row, "fault": fault, "scenario": scenario, "database": database, "passed": passed,
            "seconds": round(seconds, 2), **asdict(tally)}  # fmt: skip
    with Path(_PATH).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line) + "\n")


def write_failure(text: str) -> None:
    """Append why a scenario failed beside the file of figures, so that a long run can be read while it goes on."""
    if _PATH is not None:
        with Path(f"{_PATH}.failures").open("a", encoding="utf-8") as lines:
            lines.write(text)


def read(path: Path) -> list[dict[str, object]]:
    """Return all lines; none when no scenario wrote any."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
