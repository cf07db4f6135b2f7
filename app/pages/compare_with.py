"""Choosing what an analysis is compared with."""

from __future__ import annotations

import reflex as rx

from components import compare_choice
from components.frame import frame
from state.compare import CompareWithState
from state.frame import Frame

ROUTE = "/compare/[before_id]"
TITLE = "Compare · Asterism"
ON_LOAD = [Frame.load, CompareWithState.load]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.cond(
            CompareWithState.question != "",
            rx.el.p(
                "Compare ",
                rx.link(CompareWithState.question, href=CompareWithState.href),
                " with one of these; the earlier one is taken as the one before.",
                class_name="quiet",
                style={"margin": "0 0 16px"},
            ),
        ),
        compare_choice.choice(),
        title="Compare with…",
        here="analyses",
    )
