"""Questions over one analysis, answered from its items."""

from __future__ import annotations

import reflex as rx

from components import ask, states
from components.analysis_frame import analysis_frame
from components.analysis_head import head
from state.analysis import AnalysisState
from state.analysis_timeline import TimelineState
from state.ask import AskState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]/ask"
TITLE = "Ask · Asterism"
ON_LOAD = [Frame.load, AnalysisState.watch, AskState.watch, TimelineState.watch]


def page() -> rx.Component:
    """Show the page, or that there is no such analysis."""
    return analysis_frame(
        rx.cond(
            AnalysisState.loaded & (AnalysisState.question == ""),
            states.error(AnalysisState.problem),
            rx.fragment(head(), ask.panel()),
        ),
        name="Ask",
    )
