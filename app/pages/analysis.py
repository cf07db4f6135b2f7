"""One analysis: what was asked, how far it is, and what was found."""

from __future__ import annotations

import reflex as rx

from components import analysis_overview, costs, items, jobs, opportunity, states
from components.analysis_frame import analysis_frame
from components.analysis_head import head
from components.frame import frame
from state.analysis import AnalysisState
from state.analysis_costs import CostsState
from state.analysis_items import ItemsState
from state.analysis_jobs import JobsState
from state.analysis_opportunities import OpportunitiesState
from state.analysis_overview import OverviewState
from state.analysis_timeline import TimelineState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]"
TITLE = rx.cond(AnalysisState.question == "", "Analysis", AnalysisState.question) + " · Asterism"
"""Of several open tabs each is found by its question."""
ON_LOAD = [
    Frame.load,
    AnalysisState.watch,
    OverviewState.watch,
    OpportunitiesState.watch,
    ItemsState.watch,
    CostsState.watch,
    JobsState.watch,
    TimelineState.watch,
]


def page() -> rx.Component:
    """Show the page, or that there is no such analysis."""
    return rx.cond(AnalysisState.loaded & (AnalysisState.question == ""), _missing(), _found())


def _missing() -> rx.Component:
    return frame(
        rx.el.div(
            states.empty(
                "Nothing to see here",
                AnalysisState.problem,
                rx.link("All analyses", href="/"),
                icon="compass",
            ),
            class_name="panel",
        ),
        title="Analysis",
        here="analyses",
    )


def _found() -> rx.Component:
    return analysis_frame(
        head(),
        rx.match(
            AnalysisState.tab,
            ("opportunities", opportunity.tab()),
            ("items", items.tab()),
            ("cost", costs.tab()),
            ("jobs", jobs.tab()),
            analysis_overview.tab(),
        ),
        name="Analysis",
    )
