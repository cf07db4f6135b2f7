"""The opportunities of one analysis, ranked by weights that a person chose."""

from __future__ import annotations

import reflex as rx

from components import marks, weights
from components.frame import frame
from state.frame import Frame
from state.weights import WeightsState

ROUTE = "/analyses/[analysis_id]/weights"
TITLE = "Weights · Asterism"
ON_LOAD = [Frame.load, WeightsState.load]


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.cond(
            WeightsState.question != "",
            rx.el.p(
                "Of: ",
                rx.link(WeightsState.question, href=WeightsState.back_href),
                style={"margin": "-8px 0 8px"},
            ),
        ),
        rx.el.p(
            rx.link("Back to the opportunities", href=WeightsState.back_href, underline="always"),
            " · The address holds the weights: a link shows the same ranking.",
            class_name="quiet",
            style={"margin": "0 0 16px"},
        ),
        weights.panel(),
        title="What if other things counted?",
        here="analyses",
        beside=(rx.cond(WeightsState.sample, marks.sample()),),
    )
