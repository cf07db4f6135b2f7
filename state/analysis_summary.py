"""An analysis as its page says it: one pure function from the contract to words, numbers and doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.clock import rfc3339
from app.core.money import dollars
from app.models import AnalysisStatus
from app.services import time_range
from app.services.contract import DEFAULT_QUESTION, AnalysisView
from app.services.transitions import ANALYSIS_CLOSED, ANALYSIS_MOVES, AnalysisMove
from state import analysis_choice, words
from state.analysis_brief import BriefLine, brief
from state.analysis_choice import OptionRow
from state.analysis_notices import STATUS_SENTENCES, Notice, notices, status_sentence
from state.analysis_numbers import Door, counts, early
from state.analysis_place import TABS, Place, Tab
from state.analysis_progress import STAGE_LABELS, StageRow, job_doors, left, line, stage_row

ADVICE_WHEN_FAILED = "Nothing more is spent on it. Look at the jobs for the reason of each, then start a new analysis."
TAB_LABELS: dict[Tab, str] = {
    "overview": "Overview",
    "opportunities": "Opportunities",
    "map": "Map",
    "ask": "Ask",
    "items": "Items",
    "cost": "Cost",
    "jobs": "Jobs",
}


@dataclass(frozen=True)
class TabLink:
    """One tab as a link."""

    name: str
    label: str
    count: str
    href: str


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
    left_words: str = ""
    """How long it still takes; empty where that is not known."""
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
    question_written: bool = False
    """Whether somebody wrote the question; where nobody did, the page does not speak of theirs."""
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
        left_words=left(view.progress),
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
        question_written=view.request.question != DEFAULT_QUESTION,
        ask_href=Place(view.id, "ask").href(),
        can_pause=_can(view.status, AnalysisMove.PAUSE),
        can_resume=_can(view.status, AnalysisMove.RESUME) and view.status != AnalysisStatus.NEEDS_CHOICE,
        can_cancel=_can(view.status, AnalysisMove.CANCEL),
        again_href=f"/new?again={view.id}" if closed else "",
        compare_href=f"/compare/{view.id}" if view.results.items else "",
        changed_href=f"/compare/{view.metadata.rerun_of}/{view.id}" if view.metadata.rerun_of else "",
        tabs=tabs(view),
    )


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


def _can(status: str, move: AnalysisMove) -> bool:
    return (AnalysisStatus(status), move) in ANALYSIS_MOVES
