"""A comparison as its page shows it: pure functions from the contract to words, numbers and doors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from app.core.clock import rfc3339
from app.core.money import dollars
from app.services.comparing.score_words import signed as points_words
from app.services.comparing.shapes import (
    ChangedItemView,
    ComparisonView,
    CostLineView,
    MoodView,
    OpportunityChangeView,
    OriginView,
    SideView,
    TopicChangeView,
)
from app.services.comparing.words import CAUSES, signed
from app.services.contract import AnalysisRow
from state import words
from state.analysis_place import items_href
from state.analysis_summary import Door
from state.links import outward

NONE = "\N{EN DASH}"
_ROOM = 0.05
"""Left free at both ends of the scale of moods."""


@dataclass(frozen=True)
class Side:
    """One of the two analyses."""

    question: str = ""
    sources: str = ""
    asked_at: str = ""
    status: str = ""
    sample: bool = False
    size: str = ""
    href: str = ""


@dataclass(frozen=True)
class TopicRow:
    """One topic: its size and mood on both sides."""

    key: str
    name: str
    note: str
    before: Door
    after: Door
    mood: str
    mood_note: str
    dots: bool = False
    """Whether there is a mood on both sides, to be drawn from `left` to `right`."""
    at_before: str = ""
    at_after: str = ""
    left: str = ""
    width: str = ""


@dataclass(frozen=True)
class OpportunityRow:
    """One opportunity: its score on both sides and why it moved."""

    key: str
    title: str
    note: str
    before: Door
    after: Door
    points: str
    tone: str
    why: str
    parts: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class OriginRow:
    """New or gone items of one community for one reason."""

    what: str
    community: str
    why: str
    count: Door


@dataclass(frozen=True)
class PairRow:
    """One thing that differs."""

    name: str
    before: str
    after: str
    note: str = ""


@dataclass(frozen=True)
class ItemRow:
    """One changed item."""

    key: str
    community: str
    author: str
    posted_at: str
    permalink: str
    title: str
    text: str
    before_text: str
    note: str


@dataclass(frozen=True)
class Comparison:
    """The whole page but its list of items."""

    before: Side = field(default_factory=Side)
    after: Side = field(default_factory=Side)
    warnings: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    unchanged: bool = False
    same_analysis: bool = False
    unfinished: bool = False
    mixed: bool = False
    """Whether SAMPLE and real items are compared."""
    tiles: list[Door] = field(default_factory=list)
    topics: list[TopicRow] = field(default_factory=list)
    opportunities: list[OpportunityRow] = field(default_factory=list)
    origins: list[OriginRow] = field(default_factory=list)
    settings: list[PairRow] = field(default_factory=list)
    versions: list[PairRow] = field(default_factory=list)
    cost: str = ""
    cost_lines: list[PairRow] = field(default_factory=list)
    seal: str = ""


@dataclass(frozen=True)
class ChoiceRow:
    """Another analysis that can be compared with."""

    href: str
    question: str
    sources: str
    asked_at: str
    status: str
    sample: bool
    same: bool
    """Whether it asked the same question."""
    size: str


def compare_href(before_id: str, after_id: str, **query: str) -> str:
    """Return the address of a comparison."""
    asked = {name: value for name, value in query.items() if value}
    return f"/compare/{before_id}/{after_id}" + (f"?{urlencode(asked)}" if asked else "")


def comparison(view: ComparisonView) -> Comparison:
    """Return a comparison's page."""
    ids = view.before.id, view.after.id
    return Comparison(
        before=_side(view.before),
        after=_side(view.after),
        warnings=view.warnings,
        sentences=view.sentences,
        unchanged=view.unchanged,
        same_analysis=view.before.id == view.after.id,
        unfinished=not (view.before.closed and view.after.closed),
        mixed=view.before.sample != view.after.sample,
        tiles=_tiles(view),
        topics=topic_rows(view.topics, *ids),
        opportunities=[_opportunity(each) for each in view.opportunities],
        origins=[
            *(_origin(each, "new", ids) for each in view.items.new_from),
            *(_origin(each, "gone", ids) for each in view.items.gone_from),
        ],
        settings=[PairRow(each.name, each.before, each.after) for each in view.settings],
        versions=[PairRow(each.name, each.before, each.after) for each in view.versions],
        cost=view.cost.sentence,
        cost_lines=[_cost(each) for each in view.cost.lines],
        seal=_seal(view),
    )


def topic_rows(topics: Sequence[TopicChangeView], before_id: str, after_id: str) -> list[TopicRow]:
    """Return the topics on one scale of mood."""
    moods = [value for each in topics for value in (each.mood.before, each.mood.after) if value is not None]
    low, high = (min(moods) - _ROOM, max(moods) + _ROOM) if moods else (-1.0, 1.0)

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    return [_topic(each, before_id, after_id, at) for each in topics]


def choices(rows: Sequence[AnalysisRow], analysis_id: str, question: str) -> list[ChoiceRow]:
    """Return the analyses that one can be compared with: those with its question first, then the newest."""
    mine = next((row.created_at for row in rows if row.id == analysis_id), None)
    found = []
    for row in rows:
        if row.id == analysis_id:
            continue
        earlier = mine is None or row.created_at <= mine
        found.append(
            ChoiceRow(
                href=compare_href(row.id, analysis_id) if earlier else compare_href(analysis_id, row.id),
                question=row.question,
                sources=", ".join(row.sources),
                asked_at=rfc3339(row.created_at),
                status=row.status,
                sample=row.sample,
                same=row.question == question,
                size=words.counted(row.items, "item"),
            )
        )
    return sorted(found, key=lambda each: not each.same)


def item_row(view: ChangedItemView, *, sample: bool) -> ItemRow:
    """Return one changed item."""
    said = "\n\n".join(part for part in (view.before_title, view.before_text) if part)
    notes = [CAUSES[view.cause] if view.cause else "", f"topic: {view.topic}" if view.topic else ""]
    return ItemRow(
        key=view.item_id,
        community=view.community,
        author=view.author or "unnamed",
        posted_at=rfc3339(view.posted_at),
        permalink="" if sample else outward(view.permalink),
        title=view.title or "",
        text=view.text,
        before_text=said,
        note=" · ".join(note for note in notes if note),
    )


def _side(view: SideView) -> Side:
    return Side(
        question=view.question,
        sources=", ".join(view.sources),
        asked_at=rfc3339(view.asked_at),
        status=view.status,
        sample=view.sample,
        size=words.counted(view.items, "item"),
        href=f"/analyses/{view.id}",
    )


def _tiles(view: ComparisonView) -> list[Door]:
    items, ids = view.items, (view.before.id, view.after.id)

    def door(label: str, count: int, show: str = "", note: str = "") -> Door:
        return Door(label, f"{count:,}", compare_href(*ids, show=show) + "#changed" if count and show else "", note)

    found = [
        door("new items", items.new, "new"),
        door("gone items", items.gone, "gone"),
        door("edited", items.edited, "edited"),
        door("in both", items.common),
        Door("mood", _change(view.mood), "", _mood_note(view.mood)),
    ]
    if items.removed:
        found.insert(3, door("taken down", items.removed))
    return found


def _change(mood: MoodView) -> str:
    return NONE if mood.change is None else signed(mood.change)


def _mood_note(mood: MoodView) -> str:
    if mood.change is None:
        return "nothing to compare"
    if mood.low is not None and mood.high is not None and mood.clear:
        return f"95 % sure of {signed(mood.low)} to {signed(mood.high)}"
    return "no clear change"


def _topic(each: TopicChangeView, before_id: str, after_id: str, at: object) -> TopicRow:
    mood = each.mood
    place = at if callable(at) else float
    both = mood.before is not None and mood.after is not None
    before, after = (place(mood.before), place(mood.after)) if both else (0.0, 0.0)
    notes = {"new": "new", "gone": "gone", "grown": "grew", "shrunk": "shrank", "same": "same size"}
    note = notes[each.change]
    if each.before_name:
        note += f"; was called {each.before_name}"
    return TopicRow(
        key=f"{each.before_number}:{each.after_number}",
        name=each.name,
        note=note,
        before=_items(before_id, each.before_number, each.items_before),
        after=_items(after_id, each.after_number, each.items_after),
        mood=f"{_mood(mood.before)} → {_mood(mood.after)}",
        mood_note=_mood_note(mood) if both else "",
        dots=both,
        at_before=f"{before:.1f}%",
        at_after=f"{after:.1f}%",
        left=f"{min(before, after):.1f}%",
        width=f"{abs(after - before):.1f}%",
    )


def _items(analysis_id: str, number: int | None, count: int) -> Door:
    if number is None:
        return Door("", NONE)
    return Door("", f"{count:,}", items_href(analysis_id, topic=number) if count else "")


def _mood(value: float | None) -> str:
    return NONE if value is None else signed(value)


def _opportunity(each: OpportunityChangeView) -> OpportunityRow:
    before, after = each.before, each.after
    title = after.title if after else before.title if before else ""
    notes = {
        "new": "new",
        "gone": "gone",
        "up": "up",
        "down": "down",
        "unclear": "no clear change",
        "same": "same score",
    }
    note = notes[each.change]
    if before and after and before.title != after.title:
        note += f"; was called “{before.title}”"
    points = ""
    if each.points is not None:
        points = points_words(each.points)
        if each.interval and each.points:
            points += f" ({points_words(each.interval[0])} to {points_words(each.interval[1])})"
    return OpportunityRow(
        key=f"{before.id if before else ''}:{after.id if after else ''}",
        title=title,
        note=note,
        before=_score(before.id, before.score, before.score_interval) if before else Door("", NONE),
        after=_score(after.id, after.score, after.score_interval) if after else Door("", NONE),
        points=points,
        tone={"up": "good", "down": "bad"}.get(each.change, "quiet"),
        why=each.why,
        parts=[part.sentence for part in each.parts or []],
        metrics=[
            f"{metric.name.replace('_', ' ')} {_value(metric.before)} → {_value(metric.after)}"
            for metric in each.metrics
        ],
    )


def _score(opportunity_id: str, score: int, band: tuple[int, int]) -> Door:
    return Door("", str(score), f"/receipts/{opportunity_id}", f"{band[0]}{words.TO}{band[1]}")


def _value(value: float | None) -> str:
    return "no evidence" if value is None else f"{value:.2f}"


def _origin(each: OriginView, show: str, ids: tuple[str, str]) -> OriginRow:
    href = compare_href(*ids, show=show, community=each.community) + "#changed"
    return OriginRow(show, each.community, CAUSES[each.cause], Door("", f"{each.items:,}", href))


def _cost(line: CostLineView) -> PairRow:
    who = f"{line.provider} {line.model}" if line.model else line.provider
    return PairRow(
        f"{line.step}: {who}, {line.unit.replace('_', ' ')}s",
        f"{line.quantity_before:,} ({dollars(line.micros_before)})",
        f"{line.quantity_after:,} ({dollars(line.micros_after)})",
    )


def _seal(view: ComparisonView) -> str:
    old, new = view.before.manifest_sha256, view.after.manifest_sha256
    if not old or not new:
        return ""
    return f"The same manifest: {new}" if old == new else f"Manifests differ: {old[:12]}… and {new[:12]}…"
