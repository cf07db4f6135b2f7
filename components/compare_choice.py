"""What an analysis can be compared with."""

from __future__ import annotations

import reflex as rx

from components import marks, states
from components.compare_table import table
from components.times import moment
from state.compare import CompareWithState
from state.compare_choices import ChoiceRow


def choice() -> rx.Component:
    """Show what one analysis can be compared with."""
    return rx.cond(
        CompareWithState.problem != "",
        states.error(CompareWithState.problem),
        rx.cond(
            CompareWithState.loaded,
            rx.cond(
                CompareWithState.rows.length() > 0,
                rx.el.div(
                    table(
                        "Analyses", ("Question", "Sources", "Asked", "Status", "#Items"), CompareWithState.rows, _choice
                    ),
                    class_name="panel",
                ),
                rx.el.div(
                    states.empty(
                        "No other analysis",
                        "Run this one again, or ask the same of another community; then both can be compared.",
                        rx.link("Back to the analysis", href=CompareWithState.href),
                    ),
                    class_name="panel",
                ),
            ),
            rx.el.div(states.skeleton(5), class_name="panel"),
        ),
    )


def _choice(row: rx.Var[ChoiceRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.link(row.question, href=row.href),
            rx.cond(row.same, rx.el.div("the same question", class_name="quiet small")),
            scope="row",
        ),
        rx.el.td(row.sources),
        rx.el.td(moment(row.asked_at)),
        rx.el.td(marks.analysis_status(row.status), " ", rx.cond(row.sample, marks.sample())),
        rx.el.td(row.size, class_name="number"),
        key=row.href,
    )
