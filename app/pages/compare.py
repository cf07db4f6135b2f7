"""Two analyses beside each other: what changed, and why."""

from __future__ import annotations

import reflex as rx

from components import compare, marks
from components.frame import frame
from state.compare import CompareState
from state.frame import Frame

ROUTE = "/compare/[before_id]/[after_id]"
TITLE = "What changed · Asterism"
ON_LOAD = [Frame.load, CompareState.load]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        compare.content(),
        title="What changed",
        here="analyses",
        beside=(rx.cond(CompareState.shown.before.sample | CompareState.shown.after.sample, marks.sample()),),
        actions=(
            rx.cond(
                (CompareState.swap_href != "") & (CompareState.problem == ""),
                rx.link("Swap sides", href=CompareState.swap_href),
            ),
        ),
    )
