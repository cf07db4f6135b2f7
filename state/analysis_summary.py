"""An analysis as its page says it: one pure function from the contract to words, numbers and doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.core.money import dollars
from app.models import AnalysisStatus
from app.services import time_range
from app.services.contract import AnalysisView, ProgressView, ResultsView, StageProgress
from app.services.pipeline.item_words import COLLECTED
from app.services.transitions import ANALYSIS_CLOSED, ANALYSIS_MOVES, AnalysisMove
from state import analysis_choice, words
from state.analysis_choice import OptionRow
from state.analysis_notices import HELD, STATUS_SENTENCES, Notice, notices, status_sentence
from state.analysis_place import CLEAN, TABS, Place, Tab, items_href
from state.links import outward

ADVICE_WHEN_FAILED = "Nothing more is spent on it. Look at the jobs for the reason of each, then start a new analysis."
STAGE_LABELS = {
    "collect": "Collect",
    "clean": "Clean",
    "score": "Score",
    "cluster": "Cluster",
    "synthesise": "Synthesise",
    "report": "Report",
}
TAB_LABELS: dict[Tab, str] = {
    "overview": "Overview",
    "opportunities": "Opportunities",
    "map": "Map",
    "ask": "Ask",
    "items": "Items",
    "cost": "Cost",
    "jobs": "Jobs",
}


MOST_CITED = 4
"""Quotes that are shown of those on which one sentence rests."""
UNKNOWN = "\N{EN DASH}"
"""In the place of a number that nothing has counted."""


@dataclass(frozen=True)
class TabLink:
    """One tab as a link."""

    name: str
    label: str
    count: str
    href: str


@dataclass(frozen=True)
class StageRow:
    """One stage: how far it is."""

    label: str
    state: str
    words: str
    percent: int


@dataclass(frozen=True)
class Door:
    """A number, and where the things are that make it; no `href` when no list shows just them."""

    label: str
    value: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Cite:
    """A quote that a sentence rests on."""

    number: str
    words: str
    href: str


@dataclass(frozen=True)
class BriefLine:
    """One sentence of the summary, and the opportunity or items that it rests on."""

    text: str
    cites: list[Cite] = field(default_factory=list)


@dataclass(frozen=True)
class Summary:
    """Everything on the page that is not inside a tab. Field names are those of the state's variables."""

    question: str = ""
    sources: list[str] = field(default_factory=list)
    time_range: str = ""
    """Which time it covers, in words."""
    sample: bool = False
    status: str = ""
    status_words: str = ""
    asked_at: str = ""
    finished_at: str = ""
    closed: bool = False
    failed: str = ""
    advice: str = ""
    overall: int = 0
    stage: str = ""
    stages: list[StageRow] = field(default_factory=list)
    line_words: str = ""
    why_waiting: str = ""
    workers_words: str = ""
    job_doors: list[Door] = field(default_factory=list)
    cost_words: str = ""
    cost_href: str = ""
    cost_percent: int = 0
    reserved_words: str = ""
    item_count: int = 0
    counts: list[Door] = field(default_factory=list)
    early: list[Door] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    choice_asked: str = ""
    choice_options: list[OptionRow] = field(default_factory=list)
    choice_needs_cap: bool = False
    """Whether an answer takes a higher cap, so that one can be given."""
    choice_cap: str = ""
    """A cap to begin with, in dollars."""
    brief: list[BriefLine] = field(default_factory=list)
    brief_engine: str = ""
    question_unread: bool = False
    """Whether the local engine alone made the result, which reads no question."""
    ask_href: str = ""
    can_pause: bool = False
    can_resume: bool = False
    can_cancel: bool = False
    again_href: str = ""
    """Where it can be asked again; empty while it runs."""
    compare_href: str = ""
    changed_href: str = ""
    """Where it stands beside the run that it repeats; empty when it repeats none."""
    tabs: list[TabLink] = field(default_factory=list)


def summary(view: AnalysisView, sources: Sequence[str]) -> Summary:
    """Return what the page says about the analysis at this moment.

    Args:
        view: The analysis.
        sources: Its sources' labels, in words.
    """
    closed = view.status in ANALYSIS_CLOSED
    cost = view.cost
    line_words, why_waiting, workers_words = ("", "", "") if closed else line(view.progress, view.status)
    return Summary(
        question=view.request.question,
        sources=list(sources),
        time_range=time_range.in_words(view.request.since, view.request.until),
        sample=view.sample,
        status=view.status,
        status_words=status_sentence(view.status, view.degraded),
        asked_at=rfc3339(view.metadata.created_at),
        finished_at=rfc3339(view.metadata.finished_at) if view.metadata.finished_at else "",
        closed=closed,
        failed=view.error or STATUS_SENTENCES["failed"] if view.status == AnalysisStatus.FAILED else "",
        advice=ADVICE_WHEN_FAILED if view.status == AnalysisStatus.FAILED else "",
        overall=words.percent(view.progress.overall),
        stage=STAGE_LABELS.get(view.progress.stage, view.progress.stage),
        stages=[stage_row(stage, view.status) for stage in view.progress.stages],
        line_words=line_words,
        why_waiting=why_waiting,
        workers_words=workers_words,
        job_doors=job_doors(view),
        cost_words=f"{dollars(cost.spent_micros)} of {dollars(cost.cap_micros)}",
        cost_href=Place(view.id, "cost").href(),
        cost_percent=words.percent(cost.spent_micros / cost.cap_micros) if cost.cap_micros else 0,
        reserved_words=f"{dollars(cost.reserved_micros)} held for calls under way" if cost.reserved_micros else "",
        item_count=view.results.items,
        counts=counts(view),
        early=early(view.id, view.results) if not closed and view.results.items else [],
        notices=notices(view),
        choice_asked=analysis_choice.asked(view),
        choice_options=analysis_choice.options(view),
        choice_needs_cap=view.choice is not None and any(one.needs_higher_cap for one in view.choice.options),
        choice_cap=analysis_choice.cap_to_write(view),
        brief=brief(view),
        brief_engine=view.results.summary.engine if view.results.summary else "",
        question_unread=view.results.question_read is False,
        ask_href=Place(view.id, "ask").href(),
        can_pause=_can(view.status, AnalysisMove.PAUSE),
        can_resume=_can(view.status, AnalysisMove.RESUME) and view.status != AnalysisStatus.NEEDS_CHOICE,
        can_cancel=_can(view.status, AnalysisMove.CANCEL),
        again_href=f"/new?again={view.id}" if closed else "",
        compare_href=f"/compare/{view.id}" if view.results.items else "",
        changed_href=f"/compare/{view.metadata.rerun_of}/{view.id}" if view.metadata.rerun_of else "",
        tabs=tabs(view),
    )


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


def _used(results: ResultsView) -> str:
    """Return how many of the items collected are the other two sets that numbers are of."""
    count = results.items - results.duplicates - results.spam - results.removed
    return f"{count:,} count, {sum(results.sentiment.values()):,} scored"


def early(analysis_id: str, results: ResultsView) -> list[Door]:
    """Return the first results while the rest is still under way."""
    first = Door(COLLECTED, f"{results.items:,}", items_href(analysis_id))
    scored = [
        Door(name, f"{results.sentiment.get(name, 0):,}", items_href(analysis_id, sentiment=name))
        for name in ("negative", "neutral", "positive")
    ]
    return [first, *scored] if any(results.sentiment.values()) else [first]


def brief(view: AnalysisView) -> list[BriefLine]:
    """Return the summary, each sentence with the quotes that it rests on, numbered through."""
    found = view.results.summary
    if found is None:
        return []
    quotes = {
        quote.item_id: quote
        for opportunity in view.results.opportunities
        for quote in (*opportunity.evidence, *opportunity.against)
    }
    numbers: dict[str, int] = {}
    lines = []
    for sentence in found.sentences:
        cites = []
        for item in [item for item in sentence.item_ids if item in quotes][:MOST_CITED]:
            number = numbers.setdefault(item, len(numbers) + 1)
            href = "" if view.sample else outward(quotes[item].permalink)
            cites.append(Cite(str(number), quotes[item].quote, href))
        lines.append(BriefLine(sentence.text, cites))
    return lines


def tabs(view: AnalysisView) -> list[TabLink]:
    """Return the tabs in their order, with the number of things behind each."""
    results = view.results
    said: dict[Tab, str] = {
        "overview": "",
        "opportunities": f"{len(results.opportunities):,}" if results.opportunities else "",
        "map": "",
        "ask": "",
        "items": f"{results.items:,}" if results.items else "",
        "cost": dollars(view.cost.spent_micros),
        "jobs": "",
    }
    return [TabLink(name, TAB_LABELS[name], said[name], Place(view.id, name).href()) for name in TABS]


def _is_done(view: AnalysisView, stage: str) -> bool:
    """Return whether a stage has done all it had to do."""
    if view.status in {AnalysisStatus.COMPLETED, AnalysisStatus.PARTIAL}:
        return True
    return any(one.stage == stage and one.state == "done" for one in view.progress.stages)


def _can(status: str, move: AnalysisMove) -> bool:
    return (AnalysisStatus(status), move) in ANALYSIS_MOVES


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
