"""The map of one analysis: what was said, by what it is about."""

from __future__ import annotations

import reflex as rx

from components import constellation, states
from components.analysis_frame import analysis_frame
from components.analysis_head import head
from state.analysis import AnalysisState
from state.analysis_timeline import TimelineState
from state.constellation import ConstellationState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]/map"
TITLE = "Map · Asterism"
ON_LOAD = [Frame.load, AnalysisState.watch, ConstellationState.watch, TimelineState.watch]


def page() -> rx.Component:
    """Show the page, or that there is no such analysis."""
    return analysis_frame(
        rx.cond(
            AnalysisState.loaded & (AnalysisState.question == ""),
            states.error(AnalysisState.problem),
            rx.fragment(
                head(),
                rx.cond(
                    ConstellationState.problem != "",
                    states.error(ConstellationState.problem),
                    rx.cond(
                        ConstellationState.points > 0,
                        constellation.panel(),
                        rx.cond(ConstellationState.loaded, constellation.nothing(), constellation.waiting()),
                    ),
                ),
            ),
        ),
        name="Map",
    )
