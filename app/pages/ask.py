"""Questions over one analysis, answered from its items."""

from __future__ import annotations

import reflex as rx

from components import ask, marks, progress, states
from components.analysis_head import head
from components.connection import connection_mark
from components.frame import frame
from state.analysis import AnalysisState
from state.analysis_timeline import TimelineState
from state.ask import AskState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]/ask"
TITLE = "Ask · Asterism"
ON_LOAD = [Frame.load, AnalysisState.watch, AskState.watch, TimelineState.watch]


def page() -> rx.Component:
    """Show the page, or that there is no such analysis."""
    return frame(
        rx.cond(
            AnalysisState.loaded & (AnalysisState.question == ""),
            states.error(AnalysisState.problem),
            rx.fragment(head(), ask.panel()),
        ),
        title=rx.cond(AnalysisState.question == "", "Ask", AnalysisState.question),
        here="analyses",
        beside=(
            rx.cond(AnalysisState.status != "", marks.analysis_status(AnalysisState.status)),
            rx.cond(AnalysisState.sample, marks.sample()),
        ),
        connection=connection_mark(AnalysisState.mode, AnalysisState.every_seconds),
        actions=progress.steering(),
    )
