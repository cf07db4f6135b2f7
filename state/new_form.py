"""What a person has written on the New analysis page, checked: pure, so that each sentence has its test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, get_args

from pydantic import ValidationError

from app.core.errors import InvalidInput
from app.core.money import dollars, from_dollars
from app.services import engines
from app.services.contract import (
    MAX_CAP_MICROS,
    MAX_KEYWORDS,
    MAX_QUESTION,
    MAX_SOURCES,
    AnalysisRequest,
    Band,
    EstimateView,
    NotifyRequest,
    SourceRequest,
)
from state import words

Engine = Literal["auto", "local", "model"]
RANGES: dict[str, tuple[str, timedelta | None]] = {
    "24h": ("Last 24 hours", timedelta(days=1)),
    "7d": ("Last 7 days", timedelta(days=7)),
    "30d": ("Last 30 days", timedelta(days=30)),
    "90d": ("Last 90 days", timedelta(days=90)),
    "1y": ("Last year", timedelta(days=365)),
    "all": ("All time", None),
}
Range = tuple[datetime | None, datetime | None]
"""From and up to; None is open."""
THRESHOLDS = {"50": "50 %", "80": "80 %", "90": "90 %", "100": "100 %"}
DEFAULT_CAP = "0.50"
MAX_KEYWORD_LENGTH = 100
DASH = " \N{EN DASH} "
_FIELD_OF = {"max_cost_micros": "cap", "notify": "threshold", "since": "when", "until": "when"}


@dataclass(frozen=True)
class Draft:
    """The form as it stands."""

    sources: tuple[SourceRequest, ...] = ()
    question: str = ""
    when: str = "30d"
    keywords: tuple[str, ...] = ()
    engine: str = "auto"
    cap: str = DEFAULT_CAP
    max_items: str = ""
    threshold: str = "80"
    again: Mapping[str, Range] = field(default_factory=dict)
    """Time ranges beside `RANGES`, by the name that `when` may have: those of an analysis that is asked again."""


class FormError(ValueError):
    """Some fields are wrong; `problems` has a sentence for each."""

    def __init__(self, problems: dict[str, str]) -> None:
        """Keep the sentences by field name."""
        super().__init__("; ".join(problems.values()))
        self.problems = problems


def wanted(draft: Draft, now: datetime) -> AnalysisRequest:
    """Return the request that the form means.

    Raises:
        FormError: At least one field is wrong.
    """
    problems = problems_of(draft)
    if problems:
        raise FormError(problems)
    if draft.when in draft.again:
        since, until = draft.again[draft.when]
    else:
        span = RANGES[draft.when][1]
        since, until = (now - span if span is not None else None), None
    question = " ".join(draft.question.split())
    try:
        return AnalysisRequest(
            **({"question": question} if question else {}),
            sources=list(draft.sources),
            since=since,
            until=until,
            keywords=list(draft.keywords),
            max_items=_whole(draft.max_items),
            max_cost_micros=from_dollars(draft.cap),
            engine=draft.engine,
            notify=NotifyRequest(cost_threshold=int(draft.threshold) / 100),
        )
    except ValidationError as error:
        raise FormError({field_of(str(e["loc"][0]) if e["loc"] else ""): e["msg"] for e in error.errors()}) from error


def field_of(name: str) -> str:
    """Return the form's field for a field of the contract."""
    return _FIELD_OF.get(name, name)


def problems_of(draft: Draft) -> dict[str, str]:
    """Return a sentence for each field that is wrong."""
    checks = {
        "question": _question_problem(draft.question),
        "sources": _sources_problem(draft.sources),
        "keywords": _keywords_problem(draft.keywords),
        "cap": cap_problem(draft.cap),
        "max_items": max_items_problem(draft.max_items),
        "when": "" if draft.when in RANGES or draft.when in draft.again else "Choose one of the time ranges.",
        "threshold": "" if draft.threshold in THRESHOLDS else "Choose one of the shares.",
        "engine": "" if draft.engine in get_args(Engine) else "Choose one of the engines.",
    }
    return {name: sentence for name, sentence in checks.items() if sentence}


def cap_problem(text: str) -> str:
    """Return why the cap is not one, or nothing."""
    if not text.strip():
        return "Set a cap, so that it can never cost more; 0 allows only what is free."
    try:
        micros = from_dollars(text)
    except ValueError as error:
        return str(error)
    if micros > MAX_CAP_MICROS:
        return f"The cap is at most {dollars(MAX_CAP_MICROS)}; write a smaller one."
    return ""


def cap_micros(text: str) -> int | None:
    """Return the cap in micro-USD; None when it is not one."""
    return None if cap_problem(text) else from_dollars(text)


def max_items_problem(text: str) -> str:
    """Return why the limit on items is not one, or nothing."""
    if not text.strip():
        return ""
    number = _whole(text)
    if number is None or number < 1:
        return "Write a whole number above zero, like 2000, or leave it empty for no limit."
    return ""


def split_lines(text: str) -> list[str]:
    """Return the pasted links or names, one per line or apart by commas."""
    parts = (part.strip() for line in text.splitlines() for part in line.split(","))
    return [part for part in parts if part]


def split_keywords(text: str) -> list[str]:
    """Return the keywords, apart by commas or lines."""
    return [" ".join(part.split()) for part in split_lines(text)]


def _question_problem(text: str) -> str:
    return f"The question is longer than {MAX_QUESTION} characters; shorten it." if len(text) > MAX_QUESTION else ""


def _sources_problem(sources: tuple[SourceRequest, ...]) -> str:
    if not sources:
        return "Name at least one place to listen to, like r/selfhosted."
    if len(sources) > MAX_SOURCES:
        return f"An analysis listens to at most {MAX_SOURCES} places; remove some."
    return ""


def _keywords_problem(keywords: tuple[str, ...]) -> str:
    if len(keywords) > MAX_KEYWORDS:
        return f"At most {MAX_KEYWORDS} keywords; remove some."
    if any(len(keyword) > MAX_KEYWORD_LENGTH for keyword in keywords):
        return f"A keyword has at most {MAX_KEYWORD_LENGTH} characters; shorten it."
    return ""


def _whole(text: str) -> int | None:
    plain = text.strip().replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 12 else None


def engine_words() -> tuple[str, str, bool]:
    """Return what Auto means here, what the model is or why there is none, and whether it cannot be chosen."""
    missing = engines.why_no_model()
    auto = "The local engine, since no model is set up." if missing else "The model that is set up."
    try:
        return auto, engines.described(engines.model_engine(sample=True)), False
    except InvalidInput as error:
        return auto, error.message, True


def question_unread(engine: str, cap: int | None, *, sample: bool) -> bool:
    """Return whether what is chosen means the local engine, which reads no question.

    Args:
        engine: As chosen.
        cap: In micro-USD; None while none is written.
        sample: Whether the places answer with SAMPLE items.
    """
    cap = from_dollars(DEFAULT_CAP) if cap is None else cap
    try:
        return engines.for_request(engine, sample=sample, cap_micros=cap) is None
    except InvalidInput:  # a model is chosen that cannot be asked: the form says so when it is sent
        return False


@dataclass(frozen=True)
class SourceFacts:
    """What the provider said about one place."""

    words: str
    error: str = ""
    gone: bool = False
    """Whether there is no such place, so that an analysis of it can only fail."""


def source_facts(view: EstimateView) -> dict[tuple[str, str], SourceFacts]:
    """Return the facts by provider and label."""
    found: dict[tuple[str, str], SourceFacts] = {}
    for one in view.sources:
        band = one["items"]
        title = one["title"] if one["title"] not in {"", one["label"]} else ""
        items = f"{span((band[0], band[1], band[2]))} items" if band else ""
        found[one["provider"], one["label"]] = SourceFacts(
            " · ".join(part for part in (title, items) if part), one["error"] or "", bool(one.get("gone"))
        )
    return found


@dataclass(frozen=True)
class BandWords:
    """One line of the estimate."""

    label: str
    band: str
    likely: str


@dataclass(frozen=True)
class EstimateWords:
    """The estimate as the page says it."""

    lines: list[BandWords] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    sample: bool = False
    missing: str = ""
    """Which places the bands leave out, and why."""
    warning: str = ""
    """Why the cap may not be enough."""


def unanswered(view: EstimateView) -> list[str]:
    """Return the labels of the places that did not say how much they hold."""
    return [one["label"] for one in view.sources if one["error"]]


def estimate_words(view: EstimateView, cap: int | None) -> EstimateWords:
    """Return the words of an estimate, with a warning when the cap (micro-USD) may not be enough."""
    low, likely, high = view.micros
    warning = ""
    if cap is not None and low > cap:
        warning = "Even the low end is above your cap: it stops at the cap and keeps what is there by then."
    elif cap is not None and high > cap:
        warning = "It may reach your cap; you are asked before that, and it never costs more."
    return EstimateWords(
        missing=" ".join(f"Without {one['label']}: {one['error']}" for one in view.sources if one["error"]),
        lines=[
            BandWords("Items", span(view.items), f"{view.items[1]:,}"),
            BandWords("Requests", span(view.requests), f"{view.requests[1]:,}"),
            _time(view),
            BandWords("Money", dollars(low) if low == high else dollars(low) + DASH + dollars(high), dollars(likely)),
        ],
        assumptions=list(view.assumptions),
        sample=view.sample,
        warning=warning,
    )


def _time(view: EstimateView) -> BandWords:
    low, likely, high = view.seconds or (60 * view.minutes[0], 60 * view.minutes[1], 60 * view.minutes[2])
    return BandWords("Time", words.band(low, high), words.lasting(likely))


def span(band: Band) -> str:
    """Return the ends of a band (2,100 to 3,400), or the one number that both are."""
    return f"{band[0]:,}" if band[0] == band[2] else f"{band[0]:,}{DASH}{band[2]:,}"
