"""What an analysis says of itself when something is less than was asked for: its sentence and its notices. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.clock import rfc3339
from app.models import AnalysisStatus
from app.services.contract import AnalysisView, DegradedView
from app.services.degraded import CHOSEN, chosen, stood_in
from app.services.transitions import ANALYSIS_CLOSED
from state import words
from state.analysis_place import Place

STATUS_SENTENCES: dict[str, str] = {
    "estimating": "Working out what it will take; nothing is spent yet.",
    "queued": "Waiting for a free worker; it starts by itself.",
    "running": "Working; results appear as they come.",
    "completed": "Everything that was asked for is here.",
    "partial": "Some of it is missing; what is here is complete in itself.",
    "failed": "It stopped before there was a result.",
    "paused": "On hold: nothing runs and nothing is spent until you resume.",
    "needs_choice": "On hold until you choose how it goes on; nothing is spent meanwhile.",
    "needs_auth": "A connection must be renewed. Reconnect it; the work then goes on by itself.",
    "cancelled": "Cancelled; what was done until then is kept.",
}
HELD: dict[str, str] = {
    "paused": "on hold",
    "needs_choice": "waits for your choice",
    "needs_auth": "waits for a connection",
}
"""What an analysis in which nothing runs waits for, by status."""
_REASONS = {
    "ai_synthesis": "Not every answer of the model could be had or used.",
    "sentiment_service": "Not every answer of the service could be had or used.",
}
"""True of every way in which the part can fail; the timeline names the one."""


@dataclass(frozen=True)
class Notice:
    """Something that is not as it was asked for, why, and what stands in for it."""

    what: str
    why: str
    since: str = ""
    """RFC 3339; empty when it has no beginning of its own."""
    href: str = ""
    """Where more of it stands; empty when nowhere."""
    link: str = ""
    """The words of that link."""


def status_sentence(status: str, degraded: Sequence[DegradedView]) -> str:
    """Return what the status means; a complete analysis names what stands in for a part of it."""
    if status == AnalysisStatus.COMPLETED and degraded:
        return f"Complete, but {' and '.join(stood_in(one) for one in degraded)}."
    return STATUS_SENTENCES.get(status, "")


def notices(view: AnalysisView) -> list[Notice]:
    """Return what is missing or was done by something else, and why."""
    found = [_stood_in(part) for part in view.degraded]
    jobs = {"href": Place(view.id, "jobs").href(), "link": "See its jobs"}
    if view.status == AnalysisStatus.FAILED:
        return found
    if view.status == AnalysisStatus.PARTIAL:
        found.insert(0, Notice("Part of the result is missing.", view.error or STATUS_SENTENCES["partial"], **jobs))
    elif view.error and view.status == AnalysisStatus.NEEDS_AUTH:
        found.insert(0, Notice("Something needs your attention.", view.error))
    elif view.error:
        still = view.status in ANALYSIS_CLOSED or view.status in HELD
        what = "Part of it is missing." if still else "Part of it is missing; the rest goes on."
        found.insert(0, Notice(what, view.error, **jobs))
    elif view.progress.jobs.dead:
        number = words.counted(view.progress.jobs.dead, "job was", "jobs were")
        found.append(Notice(f"{number} given up.", "The reason stands at each.", **jobs))
    return found


def _stood_in(part: DegradedView) -> Notice:
    said, wanted = stood_in(part), chosen(part)
    return Notice(
        f"{said[0].upper()}{said[1:]}{CHOSEN if wanted else ''}.",
        "" if wanted else _REASONS.get(part.feature, ""),
        rfc3339(part.since),
    )
