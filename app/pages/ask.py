"""Questions over one analysis, answered from its items."""

from __future__ import annotations

import reflex as rx

from components import ask, marks, states
from components.analysis_tabs import tabs
from components.connection import connection_mark
from components.frame import frame
from state.analysis import AnalysisState
from state.ask import AskState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]/ask"
TITLE = "Ask · Asterism"
ON_LOAD = [Frame.load, AnalysisState.watch, AskState.watch]


def page() -> rx.Component:
    """Show the page, or that there is no such analysis."""
    return frame(
        rx.cond(
            AnalysisState.problem != "",
            states.error(AnalysisState.problem),
            rx.fragment(rx.cond(AnalysisState.loaded, tabs()), ask.panel()),
        ),
        title=rx.cond(AnalysisState.question == "", "Ask", AnalysisState.question),
        here="analyses",
        beside=(
            rx.cond(AnalysisState.status != "", marks.analysis_status(AnalysisState.status)),
            rx.cond(AnalysisState.sample, marks.sample()),
        ),
        connection=connection_mark(AnalysisState.mode, AnalysisState.every_seconds),
    )
