"""Items, jobs, costs, events and chart tables as rows of words: pure functions from the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.core.clock import rfc3339
from app.core.money import dollars
from app.services.contract import AnalysisView, CostEntryView, CostView, EstimateView, EventView, ItemView, JobView
from app.services.items import intent_words
from app.services.operations_providers import labels
from state import words
from state.figures import SENTIMENTS, Stack
from state.links import outward

CLIP = 220
"""Characters of an item before it is opened."""
MAX_SPANS = 2
"""Of the words that show one intent."""
MAX_TEXT = 1500
"""Characters of an item in the table at all: 50 rows stay a small message."""
TOKEN_SOURCES = {
    "USER_OAUTH": "your connection",
    "MASTER_API_KEY": "shared key",
    "APP_PASSWORD": "app password",
    "ANONYMOUS": "no key needed",
    "SAMPLE": "SAMPLE",
}


@dataclass(frozen=True)
class IntentMark:
    """What an item does, and the words that show it."""

    name: str
    shown_by: str
    """Its own words in quotation marks; empty when none were kept."""


@dataclass(frozen=True)
class Part:
    """A piece of an item's text; it stays text, never markup."""

    text: str
    found: bool


@dataclass(frozen=True)
class ItemRow:
    """One item in the table."""

    id: str
    title: str
    clip: str
    rest: str
    cut: bool
    kind: str
    community: str
    author: str
    posted_at: str
    permalink: str
    sentiment: str
    sentiment_words: str
    topic: str
    topic_colour: int
    spam: str
    duplicate: bool
    removed: bool
    language: str
    intents: list[IntentMark]
    title_parts: list[Part] = field(default_factory=list)
    clip_parts: list[Part] = field(default_factory=list)
    rest_parts: list[Part] = field(default_factory=list)
    """Each text in parts where words were searched for; empty where none were."""
    opened: bool = False
    """Whether what was found stands only behind the fold."""


@dataclass(frozen=True)
class JobRow:
    """One job."""

    id: str
    label: str
    kind: str
    status: str
    progress: str
    percent: int
    attempts: str
    token_source: str
    worker: str
    worker_name: str
    error: str
    cost: str
    waits_until: str
    started_at: str
    finished_at: str


@dataclass(frozen=True)
class CostRow:
    """One line of the ledger."""

    step: str
    provider: str
    quantity: str
    unit_price: str
    amount: str
    price_list: str


@dataclass(frozen=True)
class BandRow:
    """One measure: what was expected and what it was."""

    measure: str
    expected: str
    actual: str
    verdict: str


@dataclass(frozen=True)
class EventRow:
    """One line of the timeline."""

    sequence: int
    kind: str
    message: str
    at: str


@dataclass(frozen=True)
class StackRow:
    """One bar of a chart as a table row. A running chart sends all of them every few seconds, so they are small."""

    label: str
    only: str
    """The part of a query string that selects the bar's items."""
    total: str
    counts: list[str] = field(default_factory=list)
    """In the order of `figures.SENTIMENTS`."""


def parts_of(text: str, found: Sequence[str]) -> list[Part]:
    """Return a text in parts, those that are one of the words set off; empty without words or text."""
    if not found or not text:
        return []
    either = re.compile("|".join(re.escape(word) for word in sorted(found, key=len, reverse=True)), re.IGNORECASE)
    parts, end = [], 0
    for match in either.finditer(text):
        if match.start() > end:
            parts.append(Part(text[end : match.start()], found=False))
        parts.append(Part(match.group(), found=True))
        end = match.end()
    return [*parts, Part(text[end:], found=False)] if end < len(text) else parts


def item_row(item: ItemView, topics: Mapping[int, str], *, sample: bool = False, found: Sequence[str] = ()) -> ItemRow:
    """Return one item's row.

    Args:
        item: The item.
        topics: Names by number.
        sample: Whether it is made up, so that it leads nowhere on the web.
        found: The words that were searched for.
    """
    text = item.text.strip()
    shown = text[:MAX_TEXT]
    clip = shown if len(shown) <= CLIP else shown[:CLIP].rsplit(" ", 1)[0]
    rest = shown[len(clip) :].lstrip()
    parts = [parts_of(part, found) for part in (item.title or "", clip, rest)]
    hits = [any(part.found for part in each) for each in parts]
    return ItemRow(
        id=item.id,
        title=item.title or "",
        clip=clip,
        rest=rest,
        cut=len(text) > MAX_TEXT,
        kind=item.kind,
        community=words.place_name(item.community),
        author=item.author or "unnamed",
        posted_at=rfc3339(item.posted_at),
        permalink="" if sample else outward(item.permalink),
        sentiment=item.sentiment_label or "",
        sentiment_words=f"{item.sentiment:+.2f} of -1 to +1" if item.sentiment is not None else "not scored",
        topic=topics.get(item.topic, f"topic {item.topic}") if item.topic is not None else "",
        topic_colour=item.topic if item.topic is not None else -1,
        spam=("; ".join(item.spam_reasons) or "looks like spam") if item.spam else "",
        duplicate=item.duplicate_of is not None,
        removed=item.removed,
        language=item.language or "",
        intents=[
            IntentMark(
                name.replace("_", " "), ", ".join(f"“{spoken}”" for spoken in intent_words(item, name)[:MAX_SPANS])
            )
            for name in item.intents
        ],
        title_parts=parts[0],
        clip_parts=parts[1],
        rest_parts=parts[2],
        opened=hits[2] and not (hits[0] or hits[1]),
    )


def job_row(job: JobView) -> JobRow:
    """Return one job's row."""
    progress = f"{job.done:,} / {job.total:,}" if job.total else f"{job.done:,}" if job.done else ""
    return JobRow(
        id=job.id,
        label=job.label,
        kind=job.kind,
        status=job.status,
        progress=progress,
        percent=words.percent(job.done / job.total) if job.total else 0,
        attempts=f"{job.attempts} of {job.max_attempts}" if job.attempts else "",
        token_source=TOKEN_SOURCES.get((job.token_source or "").upper(), job.token_source or ""),
        worker=worker_words(job.worker or ""),
        worker_name=job.worker or "",
        error=job.error or "",
        cost=dollars(job.cost_micros) if job.cost_micros else "",
        waits_until=rfc3339(job.run_after) if job.status in {"queued", "retrying"} else "",
        started_at=rfc3339(job.started_at) if job.started_at else "",
        finished_at=rfc3339(job.finished_at) if job.finished_at else "",
    )


def worker_words(name: str) -> str:
    """Return a worker's name (`host.namespace|process|start`) as people tell workers apart: host and process."""
    host, _, rest = name.partition("|")
    return f"{host.split('.')[0]}, process {rest.split('|')[0]}" if rest else name


def cost_row(entry: CostEntryView) -> CostRow:
    """Return one line of the ledger."""
    unit = entry.unit.replace("_", " ")
    provider = labels().get(entry.provider, entry.provider)
    return CostRow(
        step=entry.step.replace("_", " "),
        provider=f"{provider} · {entry.model}" if entry.model else provider,
        quantity=words.counted(entry.quantity, unit),
        unit_price=(
            f"{dollars(entry.unit_price_micros_per_million)} per million {unit}s"
            if entry.unit_price_micros_per_million
            else "free"
        ),
        amount=dollars(entry.amount_micros),
        price_list=entry.price_list,
    )


def band_rows(view: AnalysisView) -> list[BandRow]:
    """Return the estimate beside what it became; while it runs, what it is so far is not judged yet."""
    estimate = view.cost.estimate
    if estimate is None:
        return []
    done = view.metadata.finished_at is not None
    seconds = 0.0
    if view.metadata.started_at and view.metadata.finished_at:
        seconds = (view.metadata.finished_at - view.metadata.started_at).total_seconds()
    items, spent = view.results.items, view.cost.spent_micros
    return [
        BandRow("items", _band(estimate.items), f"{items:,}", _verdict(estimate.items, items, done)),
        BandRow(
            "time",
            words.band(*_seconds(estimate)),
            words.lasting(seconds) if done else "",
            _time_verdict(estimate, seconds, done),
        ),
        BandRow(
            "money",
            dollars(estimate.micros[2])
            if estimate.micros[0] == estimate.micros[2]
            else f"{dollars(estimate.micros[0])} {words.TO} {dollars(estimate.micros[2])}",
            dollars(spent),
            _verdict(estimate.micros, spent, done),
        ),
        BandRow("requests", _band(estimate.requests), *_requests(view.cost, estimate.requests, done)),
    ]


def stack_row(stack: Stack, **only: str) -> StackRow:
    """Return one bar's table row.

    Args:
        stack: The bar.
        only: The filters that select its items.
    """
    counts = [f"{stack.count(sentiment):,}" for sentiment in SENTIMENTS]
    return StackRow(stack.label, urlencode(only), f"{stack.items:,}", counts)


def event_row(event: EventView) -> EventRow:
    """Return one line of the timeline."""
    return EventRow(event.sequence, event.kind, event.message, rfc3339(event.at))


def _band(band: Sequence[int]) -> str:
    low, _, high = band
    return f"{low:,}" if low == high else f"{low:,} {words.TO} {high:,}"


def _seconds(estimate: EstimateView) -> tuple[int, int]:
    """Return the ends of the band of time; what was estimated before seconds were told has only whole minutes."""
    low, _, high = estimate.seconds or tuple(60 * minutes for minutes in estimate.minutes)
    return low, high


def _time_verdict(estimate: EstimateView, seconds: float, done: bool) -> str:
    if estimate.seconds is None:
        return _verdict(estimate.minutes, seconds / 60, done)
    return _verdict(estimate.seconds, seconds, done)


def _verdict(band: Sequence[int], actual: float, done: bool) -> str:
    if not done:
        return ""
    # Bands are whole numbers, rounded up: 0.4 min is inside a band that begins at 1.
    low, high = band[0], band[2]
    if actual > high:
        return "above the band"
    return "below the band" if actual < low - 1 else "inside the band"


def _requests(cost: CostView, band: Sequence[int], done: bool) -> tuple[str, str]:
    made = sum(entry.quantity for entry in cost.entries if entry.unit == "request")
    return (f"{made:,}", _verdict(band, made, done)) if made else ("not counted in the ledger", "")
