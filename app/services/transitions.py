"""Every permitted move of a job and of an analysis, as two pure tables. Nothing else decides about status.

queued ─claim→ running ─finish→ succeeded
  ▲  ▲           │ ├─fail→ retrying ─claim→ running          any open one ─cancel→ cancelled
  │  └─defer─────┘ ├─park→ needs_auth ─resume→ queued         any open one ─pause→ paused ─resume→ queued
  └─lose (lease)───┴─give_up→ dead ─retry→ queued           any closed one ─repeat→ queued (its stage begins anew)
"""

from __future__ import annotations

from enum import StrEnum

from app.core.errors import Conflict
from app.models import AnalysisStatus as A
from app.models import JobStatus as J


class JobMove(StrEnum):
    """What can happen to a job."""

    CLAIM = "claim"
    FINISH = "finish"
    DEFER = "defer"
    """It gives its place back by itself: a rate limit, or others wait."""
    FAIL = "fail"
    GIVE_UP = "give_up"
    LOSE = "lose"
    """Its worker fell silent."""
    TAKE_OVER = "take_over"
    """Another worker takes it, since the first fell silent."""
    PARK = "park"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RETRY = "retry"
    REPEAT = "repeat"
    """Its stage begins anew, since an earlier one found more."""


class AnalysisMove(StrEnum):
    """What can happen to an analysis."""

    START = "start"
    COMPLETE = "complete"
    COMPLETE_PARTLY = "complete_partly"
    FAIL = "fail"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    PARK = "park"
    ASK = "ask"
    REVIVE = "revive"
    """A job that was given up is tried again after the end."""


JOB_MOVES: dict[tuple[J, JobMove], J] = {
    (J.QUEUED, JobMove.CLAIM): J.RUNNING,
    (J.RETRYING, JobMove.CLAIM): J.RUNNING,
    (J.RUNNING, JobMove.TAKE_OVER): J.RUNNING,
    (J.RUNNING, JobMove.FINISH): J.SUCCEEDED,
    (J.RUNNING, JobMove.DEFER): J.QUEUED,
    (J.RUNNING, JobMove.FAIL): J.RETRYING,
    (J.RUNNING, JobMove.LOSE): J.RETRYING,
    (J.RUNNING, JobMove.GIVE_UP): J.DEAD,
    (J.RUNNING, JobMove.PARK): J.NEEDS_AUTH,
    (J.RUNNING, JobMove.PAUSE): J.PAUSED,
    (J.QUEUED, JobMove.PAUSE): J.PAUSED,
    (J.RETRYING, JobMove.PAUSE): J.PAUSED,
    (J.NEEDS_AUTH, JobMove.PAUSE): J.PAUSED,
    (J.PAUSED, JobMove.RESUME): J.QUEUED,
    (J.NEEDS_AUTH, JobMove.RESUME): J.QUEUED,
    (J.QUEUED, JobMove.CANCEL): J.CANCELLED,
    (J.RETRYING, JobMove.CANCEL): J.CANCELLED,
    (J.RUNNING, JobMove.CANCEL): J.CANCELLED,
    (J.PAUSED, JobMove.CANCEL): J.CANCELLED,
    (J.NEEDS_AUTH, JobMove.CANCEL): J.CANCELLED,
    (J.DEAD, JobMove.RETRY): J.QUEUED,
    (J.DEAD, JobMove.REPEAT): J.QUEUED,
    (J.SUCCEEDED, JobMove.REPEAT): J.QUEUED,
    (J.CANCELLED, JobMove.REPEAT): J.QUEUED,
}

ANALYSIS_MOVES: dict[tuple[A, AnalysisMove], A] = {
    (A.ESTIMATING, AnalysisMove.CANCEL): A.CANCELLED,
    (A.ESTIMATING, AnalysisMove.FAIL): A.FAILED,
    (A.QUEUED, AnalysisMove.START): A.RUNNING,
    (A.QUEUED, AnalysisMove.PARK): A.NEEDS_AUTH,
    (A.QUEUED, AnalysisMove.PAUSE): A.PAUSED,
    (A.QUEUED, AnalysisMove.CANCEL): A.CANCELLED,
    (A.QUEUED, AnalysisMove.FAIL): A.FAILED,
    (A.QUEUED, AnalysisMove.COMPLETE): A.COMPLETED,
    (A.QUEUED, AnalysisMove.COMPLETE_PARTLY): A.PARTIAL,
    (A.RUNNING, AnalysisMove.START): A.RUNNING,
    (A.RUNNING, AnalysisMove.COMPLETE): A.COMPLETED,
    (A.RUNNING, AnalysisMove.COMPLETE_PARTLY): A.PARTIAL,
    (A.RUNNING, AnalysisMove.FAIL): A.FAILED,
    (A.RUNNING, AnalysisMove.PAUSE): A.PAUSED,
    (A.RUNNING, AnalysisMove.CANCEL): A.CANCELLED,
    (A.RUNNING, AnalysisMove.PARK): A.NEEDS_AUTH,
    (A.RUNNING, AnalysisMove.ASK): A.NEEDS_CHOICE,
    (A.PAUSED, AnalysisMove.RESUME): A.QUEUED,
    (A.PAUSED, AnalysisMove.CANCEL): A.CANCELLED,
    (A.NEEDS_AUTH, AnalysisMove.RESUME): A.QUEUED,
    (A.NEEDS_AUTH, AnalysisMove.PAUSE): A.PAUSED,
    (A.NEEDS_AUTH, AnalysisMove.CANCEL): A.CANCELLED,
    (A.NEEDS_CHOICE, AnalysisMove.RESUME): A.QUEUED,
    (A.NEEDS_CHOICE, AnalysisMove.PAUSE): A.PAUSED,
    (A.NEEDS_CHOICE, AnalysisMove.CANCEL): A.CANCELLED,
    (A.FAILED, AnalysisMove.REVIVE): A.QUEUED,
    (A.PARTIAL, AnalysisMove.REVIVE): A.QUEUED,
}

JOB_FIRST = J.QUEUED
"""Where every job begins."""

JOB_OPEN = frozenset({J.QUEUED, J.RUNNING, J.RETRYING, J.PAUSED, J.NEEDS_AUTH})
"""A job that may still do something."""

JOB_WAITING = frozenset({J.QUEUED, J.RETRYING})
"""A job that a worker may claim when it is due."""

ANALYSIS_AT_WORK = frozenset({A.QUEUED, A.RUNNING, A.NEEDS_AUTH})
"""Its jobs may be claimed; while one source waits for its owner, the others go on."""

ANALYSIS_CLOSED = frozenset({A.COMPLETED, A.PARTIAL, A.FAILED, A.CANCELLED})


def job_after(status: str, move: JobMove) -> J:
    """Return the status that a move leads to.

    Raises:
        Conflict: The move is not permitted from there.
    """
    try:
        return JOB_MOVES[J(status), move]
    except KeyError as error:
        raise Conflict(f"This job is {status}, so it cannot {move}; look at its present state first.") from error


def analysis_after(status: str, move: AnalysisMove) -> A:
    """Return the status that a move leads to.

    Raises:
        Conflict: The move is not permitted from there.
    """
    try:
        return ANALYSIS_MOVES[A(status), move]
    except KeyError as error:
        word = {"start": "be started", "complete": "be completed"}.get(move, f"be {_PAST.get(move, move)}")
        raise Conflict(f"This analysis is {status.replace('_', ' ')}, so it cannot {word}.") from error


def job_sources(move: JobMove) -> list[str]:
    """Return the statuses from which a move is permitted, for a conditional UPDATE."""
    return sorted(source.value for source, candidate in JOB_MOVES if candidate is move)


def job_target(move: JobMove) -> J:
    """Return the status that a move leads to, wherever it begins: each has one."""
    return next(target for (_, candidate), target in JOB_MOVES.items() if candidate is move)


_PAST: dict[str, str] = {
    "pause": "paused",
    "resume": "resumed",
    "cancel": "cancelled",
    "fail": "failed",
    "park": "parked",
    "ask": "held for a choice",
    "revive": "brought back",
    "complete_partly": "completed",
}
