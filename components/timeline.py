"""What happened, in order; closed until someone asks."""

from __future__ import annotations

import reflex as rx

from components import states
from components.times import since
from state.analysis import AnalysisState
from state.analysis_tables import EventRow
from state.analysis_timeline import TimelineState


def panel() -> rx.Component:
    """Show a button, and below it the lines when it is pressed."""
    return rx.el.section(
        rx.el.button(
            rx.cond(
                TimelineState.opened,
                rx.icon("chevron-down", size=16, aria_hidden="true"),
                rx.icon("chevron-right", size=16, aria_hidden="true"),
            ),
            "What happened",
            type="button",
            on_click=TimelineState.toggle,
            aria_expanded=rx.cond(TimelineState.opened, "true", "false"),
            aria_controls="timeline",
            class_name="plain-button timeline-button",
        ),
        rx.el.div(
            rx.cond(
                TimelineState.opened,
                rx.cond(
                    TimelineState.problem != "",
                    states.error(TimelineState.problem),
                    rx.cond(TimelineState.loaded, _lines(), states.skeleton(3)),
                ),
            ),
            id="timeline",
        ),
        class_name="what-happened",
    )


def _lines() -> rx.Component:
    return rx.el.div(
        rx.el.p("Time since it was asked, and the time of day.", class_name="quiet small timeline-note"),
        rx.el.ol(rx.foreach(TimelineState.lines, _line), class_name="timeline", reversed=True),
        rx.cond(
            TimelineState.earlier > 0,
            rx.el.p(
                "The last 100 lines; ",
                TimelineState.earlier,
                " earlier ones are in the events of the API.",
                class_name="quiet small",
            ),
        ),
    )


def _line(line: rx.Var[EventRow]) -> rx.Component:
    return rx.el.li(
        since(line.at, AnalysisState.asked_at, class_name="quiet small timeline-when"),
        rx.el.span(line.message),
        key=line.sequence.to(str),
    )
