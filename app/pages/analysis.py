"""One analysis: what was asked, how far it is, and what was found."""

from __future__ import annotations

import reflex as rx

from components import analysis_overview, choice, costs, items, jobs, marks, opportunity, progress, states, timeline
from components.analysis_tabs import tabs
from components.connection import connection_mark
from components.frame import frame
from components.times import moment
from state.analysis import AnalysisState
from state.analysis_costs import CostsState
from state.analysis_items import ItemsState
from state.analysis_jobs import JobsState
from state.analysis_opportunities import OpportunitiesState
from state.analysis_overview import OverviewState
from state.analysis_summary import Notice
from state.analysis_timeline import TimelineState
from state.frame import Frame

ROUTE = "/analyses/[analysis_id]"
TITLE = "Analysis · Asterism"
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
    return frame(
        _asked(),
        rx.cond(AnalysisState.problem != "", states.error(AnalysisState.problem)),
        rx.cond(AnalysisState.steering_problem != "", states.error(AnalysisState.steering_problem)),
        rx.cond(
            AnalysisState.failed != "",
            states.error(rx.el.span(AnalysisState.failed, " ", AnalysisState.advice)),
        ),
        choice.banner(),
        rx.foreach(AnalysisState.notices, _notice),
        rx.cond(
            AnalysisState.loaded,
            rx.cond(AnalysisState.closed, rx.fragment(), rx.fragment(progress.panel(), progress.early())),
            rx.el.div(states.skeleton(3), class_name="panel"),
        ),
        timeline.panel(),
        rx.cond(AnalysisState.loaded, tabs()),
        rx.match(
            AnalysisState.tab,
            ("opportunities", opportunity.tab()),
            ("items", items.tab()),
            ("cost", costs.tab()),
            ("jobs", jobs.tab()),
            analysis_overview.tab(),
        ),
        title=rx.cond(AnalysisState.question == "", "Analysis", AnalysisState.question),
        here="analyses",
        beside=(
            rx.cond(AnalysisState.status != "", marks.analysis_status(AnalysisState.status)),
            rx.cond(AnalysisState.sample, marks.sample()),
        ),
        connection=connection_mark(AnalysisState.mode, AnalysisState.every_seconds),
        actions=progress.steering(),
    )


def _asked() -> rx.Component:
    return rx.el.div(
        rx.el.ul(
            rx.foreach(AnalysisState.sources, lambda source: rx.el.li(source, class_name="chip")),
            class_name="chips",
            aria_label="Sources",
        ),
        rx.el.p(
            AnalysisState.status_words,
            rx.cond(AnalysisState.asked_at != "", rx.el.span(" Asked ", moment(AnalysisState.asked_at), ".")),
            rx.cond(AnalysisState.finished_at != "", rx.el.span(" Ended ", moment(AnalysisState.finished_at), ".")),
            rx.cond(
                AnalysisState.changed_href != "",
                rx.el.span(
                    " It asks an earlier one again: ", rx.link("what changed", href=AnalysisState.changed_href), "."
                ),
            ),
            class_name="quiet",
        ),
        class_name="asked",
    )


def _notice(notice: rx.Var[Notice]) -> rx.Component:
    return states.partial(
        rx.el.span(
            rx.el.b(notice.what),
            " ",
            notice.why,
            rx.cond(notice.since != "", rx.el.span(" Since ", moment(notice.since), ".")),
        )
    )
