"""The topics of a comparison as its page shows them: by what became of them, on one scale of mood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from app.services.comparing.shapes import MoodView, TopicChangeView
from app.services.comparing.summary import resized
from app.services.comparing.words import signed
from state.analysis_numbers import Door
from state.analysis_place import items_href
from state.compare_links import NONE

_ROOM = 0.05
"""Left free at both ends of the scale of moods."""
KINDS = {"new": "New", "gone": "Gone", "grown": "Grew", "shrunk": "Shrank", "same": "About the same size"}
"""What became of a topic, in the order of the page; the last is folded."""
MOST = 5
"""Rows of a group that stand open; the rest is one click away."""


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
class TopicGroup:
    """The topics of which the same became."""

    name: str
    count: str
    folded: bool
    rows: list[TopicRow] = field(default_factory=list)
    more: list[TopicRow] = field(default_factory=list)
    """Those behind "show more"."""
    more_words: str = ""


def topic_groups(topics: Sequence[TopicChangeView], before_id: str, after_id: str) -> list[TopicGroup]:
    """Return the topics by what became of them, none empty; small changes of size stand with those that stayed."""
    rows = topic_rows(topics, before_id, after_id)
    kinds = [each.change if each.change in {"new", "gone"} or resized(each) else "same" for each in topics]
    groups = []
    for kind, name in KINDS.items():
        found = [row for row, own in zip(rows, kinds, strict=True) if own == kind]
        if found:
            shown = found if kind == "same" else found[:MOST]
            more = found[len(shown) :]
            words = f"Show {len(more):,} more" if more else ""
            groups.append(TopicGroup(name, f"{len(found):,}", kind == "same", shown, more, words))
    return groups


def topic_rows(topics: Sequence[TopicChangeView], before_id: str, after_id: str) -> list[TopicRow]:
    """Return the topics on one scale of mood."""
    moods = [value for each in topics for value in (each.mood.before, each.mood.after) if value is not None]
    low, high = (min(moods) - _ROOM, max(moods) + _ROOM) if moods else (-1.0, 1.0)

    def at(value: float) -> float:
        return 100 * (value - low) / (high - low)

    return [_topic(each, before_id, after_id, at) for each in topics]


def change_words(mood: MoodView) -> str:
    """Return a change of mood with its sign."""
    return NONE if mood.change is None else signed(mood.change)


def mood_note(mood: MoodView) -> str:
    """Return how sure a change of mood is."""
    if mood.change is None:
        return "nothing to compare"
    if mood.low is not None and mood.high is not None and mood.clear:
        return f"95 % sure of {signed(mood.low)} to {signed(mood.high)}"
    return "no clear change"


def _topic(each: TopicChangeView, before_id: str, after_id: str, at: Callable[[float], float]) -> TopicRow:
    mood = each.mood
    before = after = 0.0
    both = mood.before is not None and mood.after is not None
    if mood.before is not None and mood.after is not None:
        before, after = at(mood.before), at(mood.after)
    note = f"was called {each.before_name}" if each.before_name else ""
    return TopicRow(
        key=f"{each.before_number}:{each.after_number}",
        name=each.name,
        note=note,
        before=_items(
            f"items before in {each.before_name or each.name}", before_id, each.before_number, each.items_before
        ),
        after=_items(f"items after in {each.name}", after_id, each.after_number, each.items_after),
        mood=f"{_mood(mood.before)} → {_mood(mood.after)}",
        mood_note=mood_note(mood) if both else "",
        dots=both,
        at_before=f"{before:.1f}%",
        at_after=f"{after:.1f}%",
        left=f"{min(before, after):.1f}%",
        width=f"{abs(after - before):.1f}%",
    )


def _items(label: str, analysis_id: str, number: int | None, count: int) -> Door:
    if number is None:
        return Door(label, NONE)
    return Door(label, f"{count:,}", items_href(analysis_id, topic=number) if count else "")


def _mood(value: float | None) -> str:
    return NONE if value is None else signed(value)
