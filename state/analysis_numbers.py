"""The numbers of an analysis, each a door to the things that make it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import AnalysisStatus
from app.services.contract import AnalysisView, ResultsView
from app.services.pipeline.item_words import COLLECTED
from app.services.transitions import ANALYSIS_CLOSED
from state.analysis_place import CLEAN, items_href

UNKNOWN = "\N{EN DASH}"
"""In the place of a number that nothing has counted."""


@dataclass(frozen=True)
class Door:
    """A number, and where the things are that make it; no `href` when no list shows just them."""

    label: str
    value: str
    href: str = ""
    note: str = ""


def counts(view: AnalysisView) -> list[Door]:
    """Return the numbers of the Overview, each with the items that make it; what no stage has counted yet is a dash."""
    results = view.results
    scored = any(results.sentiment.values()) or results.unscored_language > 0 or _is_done(view, "score")
    cleaned = results.duplicates > 0 or results.spam > 0 or _is_done(view, "clean")
    yet = "" if view.status in ANALYSIS_CLOSED else " yet"

    def door(label: str, number: int, note: str = "", *, unknown: str = "", **filters: str) -> Door:
        if unknown:
            return Door(label, UNKNOWN, "", unknown)
        return Door(label, f"{number:,}", items_href(view.id, **filters) if number else "", note)

    not_scored = "" if scored else f"not scored{yet}"
    not_cleaned = "" if cleaned else f"not cleaned{yet}"
    doors = [
        door(COLLECTED, results.items, _used(results) if cleaned and scored else ""),
        *(
            door(name, results.sentiment.get(name, 0), unknown=not_scored, sentiment=name)
            for name in ("negative", "neutral", "positive")
        ),
        door("repeats", results.duplicates, "counted once", unknown=not_cleaned, **{**CLEAN, "duplicates": "true"}),
        door("spam", results.spam, "left out of scores", unknown=not_cleaned, spam="true", removed="false"),
    ]
    if results.removed:
        doors.append(door("removed", results.removed, "taken down where they were said", removed="true"))
    if results.unscored_language:
        note = "in languages that this engine does not know"
        doors.append(door("not scored", results.unscored_language, note, sentiment="unscored"))
    return doors


def early(analysis_id: str, results: ResultsView) -> list[Door]:
    """Return the first results while the rest is still under way."""
    first = Door(COLLECTED, f"{results.items:,}", items_href(analysis_id))
    scored = [
        Door(name, f"{results.sentiment.get(name, 0):,}", items_href(analysis_id, sentiment=name))
        for name in ("negative", "neutral", "positive")
    ]
    return [first, *scored] if any(results.sentiment.values()) else [first]


def _used(results: ResultsView) -> str:
    """Return how many of the items collected are the other two sets that numbers are of."""
    count = results.items - results.duplicates - results.spam - results.removed
    return f"{count:,} count, {sum(results.sentiment.values()):,} scored"


def _is_done(view: AnalysisView, stage: str) -> bool:
    """Return whether a stage has done all it had to do."""
    if view.status in {AnalysisStatus.COMPLETED, AnalysisStatus.PARTIAL}:
        return True
    return any(one.stage == stage and one.state == "done" for one in view.progress.stages)
