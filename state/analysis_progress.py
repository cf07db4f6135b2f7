"""How far an analysis is, in words: its place in line, its stages, its jobs. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.core import clock
from app.models import AnalysisStatus
from app.services.contract import AnalysisView, ProgressView, StageProgress
from state import words
from state.analysis_notices import HELD
from state.analysis_numbers import Door
from state.analysis_place import Place

STAGE_LABELS = {
    "collect": "Collect",
    "clean": "Clean",
    "score": "Score",
    "cluster": "Cluster",
    "synthesise": "Synthesise",
    "report": "Report",
}


@dataclass(frozen=True)
class StageRow:
    """One stage: how far it is."""

    label: str
    state: str
    words: str
    percent: int


def line(progress: ProgressView, status: str) -> tuple[str, str, str]:
    """Return the place in line with its wait, the reason for waiting, and the workers, each in words or empty."""
    queue = progress.queue
    why = (queue.why or "").replace("`", "")  # commands are marked so where the terminal shows them
    if status in HELD:
        return "", why, ""  # no worker that comes or goes changes anything
    if queue.workers_total == 0:
        return "", why or "No worker runs now; it starts when one comes.", ""
    place = ""
    if queue.place is not None:
        place = "You are next in line" if queue.place <= 1 else f"You are {_ordinal(queue.place)} in line"
        if queue.wait_seconds:
            place += f" · starts in {words.band(*queue.wait_seconds)}"
    workers = f"{queue.workers_free} of {words.counted(queue.workers_total, 'worker')} free"
    return place, why, workers


def left(progress: ProgressView) -> str:
    """Return how long the work still takes, by what was estimated; empty where nothing is known or nobody works."""
    if progress.expected_end is None or progress.queue.workers_total == 0:
        return ""
    now = clock.now()
    likely, latest = ((moment - now).total_seconds() for moment in progress.expected_end)
    return words.left(likely, latest)


def stage_row(stage: StageProgress, status: str = AnalysisStatus.RUNNING) -> StageRow:
    """Return one stage's row (`1,204 / 2,140`); one under way stands while the analysis does."""
    said = ""
    if stage.total:
        # How much a source holds is only known when it has been read to its end.
        about = "about " if stage.stage == "collect" and stage.state != "done" else ""
        said = f"{stage.done:,} / {about}{stage.total:,}"
    elif stage.done:
        said = f"{stage.done:,}"
    fraction = 1.0 if stage.state == "done" else stage.fraction
    state: str = stage.state
    if state == "running" and status in HELD:
        state, said = "held", f"{said}, {HELD[status]}" if said else HELD[status]
    elif state == "failed" and stage.done and status not in {AnalysisStatus.FAILED, AnalysisStatus.CANCELLED}:
        state = "partly"  # what it brought was enough to go on with
    return StageRow(STAGE_LABELS.get(stage.stage, stage.stage), state, said, words.percent(fraction))


def job_doors(view: AnalysisView) -> list[Door]:
    """Return how many jobs are in which state; each leads to the Jobs tab."""
    jobs = view.progress.jobs
    href = Place(view.id, "jobs").href()
    numbers = {
        "done": jobs.done,
        "running": jobs.running,
        "waiting": jobs.waiting,
        "paused": jobs.paused,
        "given up": jobs.dead,
    }
    return [Door(label, f"{number:,}", href if number else "") for label, number in numbers.items()]


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
