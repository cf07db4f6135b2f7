"""The opportunities of a comparison as its page shows them: by what became of them, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.services.comparing.score_words import signed
from app.services.comparing.shapes import OpportunityChangeView, OpportunitySideView
from state import words
from state.analysis_numbers import Door
from state.compare_links import NONE

KINDS = {
    "new": "New",
    "gone": "Gone",
    "up": "Clearly up",
    "down": "Clearly down",
    "incomparable": "Score cannot be compared",
    "unclear": "No clear change",
    "same": "Same score",
}
"""What became of an opportunity, in the order of the page."""
FOLDED = frozenset({"unclear", "same"})
MOST = 5
"""Rows of a group that stand open; the rest is one click away."""


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
class OpportunityGroup:
    """The opportunities of which the same became."""

    name: str
    count: str
    tone: str
    folded: bool
    rows: list[OpportunityRow] = field(default_factory=list)
    more: list[OpportunityRow] = field(default_factory=list)
    """Those behind "show more"."""
    more_words: str = ""


def opportunity_groups(opportunities: Sequence[OpportunityChangeView]) -> list[OpportunityGroup]:
    """Return the opportunities by what became of them, none empty."""
    groups = []
    for kind, name in KINDS.items():
        rows = [_opportunity(each) for each in opportunities if each.change == kind]
        if not rows:
            continue
        shown = rows if kind in FOLDED else rows[:MOST]
        more = rows[len(shown) :]
        groups.append(
            OpportunityGroup(
                name,
                f"{len(rows):,}",
                TONES.get(kind, "quiet"),
                kind in FOLDED,
                shown,
                more,
                f"Show {len(more):,} more" if more else "",
            )
        )
    return groups


TONES = {"up": "good", "down": "bad"}


def _opportunity(each: OpportunityChangeView) -> OpportunityRow:
    before, after = each.before, each.after
    title = after.title if after else before.title if before else ""
    note = f"was called “{before.title}”" if before and after and before.title != after.title else ""
    points = ""
    if each.points is not None:
        points = signed(each.points)
        if each.interval and each.points:
            points += f" ({signed(each.interval[0])} to {signed(each.interval[1])})"
    return OpportunityRow(
        key=f"{before.id if before else ''}:{after.id if after else ''}",
        title=title,
        note=note,
        before=_score("before", before) if before else Door("score before", NONE),
        after=_score("after", after) if after else Door("score after", NONE),
        points=points,
        tone=TONES.get(each.change, "quiet"),
        why=each.why,
        parts=[part.sentence for part in each.parts or []],
        metrics=[
            f"{metric.name.replace('_', ' ')} {_value(metric.before)} → {_value(metric.after)}"
            for metric in each.metrics
        ],
    )


def _score(when: str, side: OpportunitySideView) -> Door:
    low, high = side.score_interval
    return Door(f"score {when} of {side.title}", str(side.score), f"/receipts/{side.id}", f"{low}{words.TO}{high}")


def _value(value: float | None) -> str:
    return "no evidence" if value is None else f"{value:.2f}"
