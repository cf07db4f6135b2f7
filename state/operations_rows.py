"""Queues, workers and jobs of the whole installation as rows of words: pure functions from the contract."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.services.operations import QueueRow, TrendPoint, WorkerRow
from app.services.operations_jobs import OperationsJob
from state import words

BAR_HEIGHT = 20
"""Pixels of the tallest bar of a sparkline."""
OLD_SECONDS = 30
"""A due job that waits for longer than this is worth a look."""
MEANING = {
    "collect": "reads providers",
    "analyse": "cleans, scores, finds topics and opportunities",
    "ai": "asks a model",
    "publish": "posts answers",
    "billing": "settles payments",
    "notify": "tells people",
    "upkeep": "tidies up",
}


@dataclass(frozen=True)
class Bar:
    """Five minutes of a sparkline."""

    x: int
    done_y: int
    done: int
    """Pixels."""
    failed_y: int
    failed: int


@dataclass(frozen=True)
class QueueShown:
    """One queue class."""

    name: str
    meaning: str
    due: str
    later: str
    running: str
    oldest: str
    old: bool
    slots: str
    bars: list[Bar] = field(default_factory=list)
    trend_words: str = ""
    held: str = ""
    """Why it stands, in one sentence; empty when it runs."""
    held_since: str = ""
    jobs_href: str = ""
    stuck_words: str = ""
    """What keeps it from going on by itself; empty when nothing does."""


@dataclass(frozen=True)
class WorkerShown:
    """One worker process."""

    name: str
    host: str
    queues: str
    slots: str
    heartbeat_at: str
    started_at: str


@dataclass(frozen=True)
class OperationsJobShown:
    """One job."""

    id: str
    label: str
    queue: str
    status: str
    workspace: str
    question: str
    href: str
    progress: str
    attempts: str
    worker: str
    error: str
    when: str
    when_word: str
    heartbeat_at: str
    chosen: bool = False


def queue_row(row: QueueRow, *, nobody: bool = False) -> QueueShown:
    """Return one queue's row. `nobody`: no worker lives at all."""
    done, failed = sum(point.done for point in row.trend), sum(point.failed for point in row.trend)
    oldest = "" if row.oldest_due_seconds is None else words.lasting(row.oldest_due_seconds)
    return QueueShown(
        name=row.queue,
        meaning=MEANING.get(row.queue, ""),
        due=f"{row.due:,}",
        later=f"{row.later:,}",
        running=f"{row.running:,}",
        oldest=oldest,
        old=row.oldest_due_seconds is not None and row.oldest_due_seconds > OLD_SECONDS,
        slots=f"{row.slots:,}",
        bars=bars(row.trend),
        trend_words=f"{done:,} done, {failed:,} given up" if done or failed else "",
        held="" if row.hold is None else f"Held by {row.hold.held_by}: {row.hold.reason}",
        held_since="" if row.hold is None else rfc3339(row.hold.since),
        jobs_href=f"/operations?queue={row.queue}",
        stuck_words=_stuck(row, nobody=nobody),
    )


def _stuck(row: QueueRow, *, nobody: bool) -> str:
    if row.hold is not None or not row.due or row.slots:
        return ""
    if nobody:  # one for this queue alone would leave all the others standing
        return "No worker lives; start one with: asterism worker"
    return "No living worker takes this queue; start one with: asterism worker --queues " + row.queue


def bars(trend: list[TrendPoint]) -> list[Bar]:
    """Return the bars of a sparkline: what was done, and on top what was given up, at one scale."""
    most = max((point.done + point.failed for point in trend), default=0)
    shown = []
    for place, point in enumerate(trend):
        done = _pixels(point.done, most)
        failed = min(_pixels(point.failed, most), BAR_HEIGHT - done) if done < BAR_HEIGHT else _pixels(0, most)
        if point.failed and not failed:  # never hide a failure behind the height of the rest
            done, failed = done - 2, 2
        shown.append(
            Bar(x=place * 6, done_y=BAR_HEIGHT - done, done=done, failed_y=BAR_HEIGHT - done - failed, failed=failed)
        )
    return shown


def _pixels(count: int, most: int) -> int:
    return max(2, round(BAR_HEIGHT * count / most)) if count else 0


def worker_row(row: WorkerRow) -> WorkerShown:
    """Return one worker's row."""
    return WorkerShown(
        name=row.id,
        host=_process(row.host, str(row.process)) if row.process else row.host,
        queues=", ".join(row.queues) if len(row.queues) < len(MEANING) else "all queues",
        slots=f"{row.running:,} of {row.slots:,}",
        heartbeat_at=rfc3339(row.heartbeat_at),
        started_at=rfc3339(row.started_at),
    )


def _process(host: str, process: str = "", *rest: str) -> str:
    del rest
    return f"{host.partition('.')[0]}, process {process}" if process else host


def job_row(job: OperationsJob, chosen: frozenset[str]) -> OperationsJobShown:
    """Return one job's row."""
    word, moment = _when(job)
    return OperationsJobShown(
        id=job.id,
        label=job.label,
        queue=job.queue,
        status=job.status,
        workspace=job.workspace,
        question=job.question,
        href=f"/analyses/{job.analysis_id}?tab=jobs" if job.analysis_id else "",
        progress=f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}" if job.done else "",
        attempts=f"{job.attempts} of {job.max_attempts}",
        worker=_process(*(job.worker or "").split("|")),
        error=job.error or "",
        when=moment,
        when_word=word,
        heartbeat_at=rfc3339(job.heartbeat_at) if job.heartbeat_at and job.status == "running" else "",
        chosen=job.id in chosen,
    )


def _when(job: OperationsJob) -> tuple[str, str]:
    if job.finished_at is not None:
        return "ended", rfc3339(job.finished_at)
    if job.status == "running" and job.started_at is not None:
        return "started", rfc3339(job.started_at)
    return "due", rfc3339(job.run_after)
