"""What each audited act is called, of which kind it is, and which of its facts are shown: the one place for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.core.money import dollars

Kind = Literal["analysis", "job", "question", "file", "key", "session", "operations"]
Facts = Mapping[str, Any]
LONGEST = 300
"""Characters of one fact that are shown."""


def fact(facts: Facts, name: str) -> str:
    """Return one fact as text; empty where it is not known."""
    value = facts.get(name)
    return "" if value is None else str(value)[:LONGEST]


def _nothing(facts: Facts) -> str:
    del facts
    return ""


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act. Of its facts only what `detail` picks is ever shown, so that no other can slip out."""

    kind: Kind
    words: str
    """What was done, as the start of a sentence without its object."""
    detail: Callable[[Facts], str] = _nothing


def _joined(*names: str) -> Callable[[Facts], str]:
    return lambda facts: "; ".join(part for part in (fact(facts, name) for name in names) if part)


def _choice(facts: Facts) -> str:
    words = {"go_on": "go on", "cheaper": "go on cheaper", "stop": "stop and keep what there is"}
    cap, before = facts.get("cap_micros"), facts.get("cap_micros_before")
    said = words.get(fact(facts, "choice"), fact(facts, "choice"))
    if not isinstance(cap, int):
        return said
    return f"{said}; cap {f'{dollars(before)} → ' if isinstance(before, int) and before != cap else ''}{dollars(cap)}"


def _filter(facts: Facts) -> str:
    count = facts.get("count")
    jobs = f"{count:,} job{'' if count == 1 else 's'}" if isinstance(count, int) else "jobs"
    queue = fact(facts, "queue")
    return f"{jobs} of all workspaces ({fact(facts, 'state') or 'open'}{f', queue {queue}' if queue else ''})"


def _moved(facts: Facts) -> str:
    before, after = (fact(facts, name).replace("_", " ") for name in ("before", "after"))
    moved = f"{before} → {after}" if before != after else ""
    changed = "with a changed payload" if facts.get("edited") is True else ""
    return ", ".join(part for part in (moved, changed) if part)


def _held(facts: Facts) -> str:
    before = fact(facts, "before")
    return fact(facts, "reason") + (f" (before: {before})" if before else "")


def _released(facts: Facts) -> str:
    before = fact(facts, "before")
    return f"it was held: {before}" if before else ""


def _role(facts: Facts) -> str:
    role = fact(facts, "role")
    return f"role {role}" if role else ""


def _rows(facts: Facts) -> str:
    rows = facts.get("rows")
    return f"{rows:,} rows" if isinstance(rows, int) else ""


ACTS: dict[str, Act] = {
    "analysis:create": Act("analysis", "Started an analysis", _joined("sources")),
    "analysis:pause": Act("analysis", "Paused an analysis", _moved),
    "analysis:resume": Act("analysis", "Resumed an analysis", _moved),
    "analysis:cancel": Act("analysis", "Cancelled an analysis", _moved),
    "analysis:choose": Act("analysis", "Chose what to do near the cap", _choice),
    "job:pause": Act("job", "Paused a job", _moved),
    "job:resume": Act("job", "Resumed a job", _moved),
    "job:cancel": Act("job", "Cancelled a job", _moved),
    "job:retry": Act("job", "Put a job back in line", _moved),
    "job:discard": Act("job", "Put away a job that was given up", _moved),
    "question:delete": Act("question", "Deleted a question"),
    "import:create": Act("file", "Brought a file", _rows),
    "import:map": Act("file", "Said what a file's columns mean", _joined("columns")),
    "import:delete": Act("file", "Deleted a file"),
    "key:create": Act("key", "Made an API key", _role),
    "key:revoke": Act("key", "Revoked an API key"),
    "session:start": Act("session", "Signed in"),
    "session:end": Act("session", "Signed out"),
    "jobs:pause": Act("operations", "Paused all jobs that matched", _filter),
    "jobs:resume": Act("operations", "Resumed all jobs that matched", _filter),
    "jobs:cancel": Act("operations", "Cancelled all jobs that matched", _filter),
    "jobs:retry": Act("operations", "Put all jobs that matched back in line", _filter),
    "jobs:discard": Act("operations", "Put away all given up jobs that matched", _filter),
    "queue:hold": Act("operations", "Held a queue", _held),
    "queue:release": Act("operations", "Released a queue", _released),
    "breaker:close": Act("operations", "Asked a provider again"),
}

KIND_WORDS: dict[Kind, str] = {
    "analysis": "Analyses",
    "job": "Jobs",
    "question": "Questions",
    "file": "Files",
    "key": "Keys",
    "session": "Sign-ins",
    "operations": "Operations",
}


def actions_of(kind: Kind) -> list[str]:
    """Return the acts of a kind."""
    return [action for action, act in ACTS.items() if act.kind == kind]


def words_of(action: str) -> str:
    """Return what an act is called; one that has no words yet goes by its name."""
    act = ACTS.get(action)
    return act.words if act else action


def detail_of(action: str, facts: Facts) -> str:
    """Return what explains one act, in words; empty for one that has none."""
    act = ACTS.get(action)
    return act.detail(facts) if act else ""
