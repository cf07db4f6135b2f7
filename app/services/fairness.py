"""Who goes first, and how much of a worker one class of work may take: pure functions, for the claim and for the page.

A job gets its turn when it is handed to the workers: now, plus a few seconds for each job that its analysis has there
already, so that the fourth job of a big analysis stands behind the first of a small one, and nobody waits for ever,
since turns come. An analysis of which nothing runs goes before one that runs already.

Reserved capacity, of a worker with N slots on all classes (a worker started for one class gives it every slot):

| slots | model calls (`ai`) | with `analyse` | with `collect` | left for publishing, billing, notices, upkeep |
|---|---|---|---|---|
| 1 | 1 | 1 | 1 | first in line: what runs gives way at a commit within a second |
| 2 | 1 | 2 | 2 | the same, and only one model call runs |
| 3 or more | N/2 | N-2 | N-1 | at least one slot, always |
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.jobs import QueueClass

TURN_SECONDS = 5.0
"""How much later the turn of each further job of an analysis comes: about as long as one keeps a slot."""

SHORT_TURN_SECONDS = 0.02
"""The same of short work. With long turns the newest of many would go first, and some wait until all are done."""

WORKSPACE_FREE = 8
"""Jobs that a workspace may have with the workers before each further one stands back too."""

PRIORITY_SECONDS = 30.0
"""Head start of each level of priority."""

ROOMY = 3
"""Slots from which on one is kept free of collecting and thinking."""

URGENT = frozenset({QueueClass.PUBLISH, QueueClass.BILLING, QueueClass.NOTIFY, QueueClass.UPKEEP})
"""Short work that goes before all other."""

MOST_TOGETHER = 50
"""Jobs of short work that one process may take in one transaction, to run them one after another."""

THINKING = frozenset({QueueClass.ANALYSE, QueueClass.AI})
LONG = THINKING | {QueueClass.COLLECT}


@dataclass(frozen=True, slots=True)
class Offer:
    """A job that was handed to the workers and waits."""

    job_id: str
    analysis_id: str
    workspace_id: str
    kind: str
    queue: str
    turn: datetime
    tried: bool = False
    """Whether it was taken before, and came back."""


@dataclass(frozen=True, slots=True)
class Running:
    """A job that runs."""

    analysis_id: str
    workspace_id: str
    kind: str
    queue: str
    pool: str | None
    worker: str | None = None
    """The process, which runs the jobs that it took together one after another."""


def turn(now: datetime, *, of_analysis: int, of_workspace: int, priority: int, queue: str) -> datetime:
    """Return when a job's turn comes.

    Args:
        now: The moment at which it is handed to the workers.
        of_analysis: Jobs that its analysis has there already, running or waiting.
        of_workspace: The same of its whole workspace.
        priority: Levels of its plan above the least.
        queue: Its class.
    """
    behind = of_analysis + max(0, of_workspace - WORKSPACE_FREE)
    each = SHORT_TURN_SECONDS if queue in URGENT else TURN_SECONDS
    return now + timedelta(seconds=behind * each - priority * PRIORITY_SECONDS)


def busy(running: Iterable[Running]) -> frozenset[str]:
    """Return the ids of the analyses of which something runs."""
    return frozenset(one.analysis_id for one in running)


def ordered(offers: Iterable[Offer], running: Iterable[Running]) -> list[Offer]:
    """Return offers in the order in which they are taken, the next one first."""
    at_work = busy(running)
    return sorted(offers, key=lambda one: (one.queue not in URGENT, one.analysis_id in at_work, one.turn, one.job_id))


def together(offers: Sequence[Offer], slots: int) -> list[Offer]:
    """Return the offers that a process takes in one transaction, the first one always.

    Only short work is taken together, and of what waits only one slot's share, so that no slot idles beside a long
    line. What was tried before is taken alone: a job that kills its process must not cost its neighbours an attempt
    each time.

    Args:
        offers: What the process may take, in order.
        slots: Jobs that its worker runs at the same time.
    """
    if not offers or offers[0].queue not in URGENT or offers[0].tried:
        return list(offers[:1])
    short = [one for one in offers if one.queue in URGENT and not one.tried]
    return short[: min(MOST_TOGETHER, -(-len(short) // max(1, slots)))]


def has_room(queue: str, held: Counter[str], slots: int) -> bool:
    """Return whether a worker with jobs of these classes under way may take one more of a class.

    Args:
        queue: Its class.
        held: How many of each class the worker runs.
        slots: Jobs that the worker can run; 0 when it has no limit.
    """
    if slots < 2 or queue in URGENT:
        return True
    roomy = slots >= ROOMY
    limits: Sequence[tuple[Collection[str], int]] = (
        ((QueueClass.AI,), slots // 2),
        (THINKING, slots - 2 if roomy else slots),
        (LONG, slots - 1 if roomy else slots),
    )
    return all(sum(held[name] for name in group) < most for group, most in limits if queue in group)
