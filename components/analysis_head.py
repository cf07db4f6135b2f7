"""What stands above the tabs of an analysis: the same on each of its pages, so that the tabs never jump."""

from __future__ import annotations

import reflex as rx

from components import choice, progress, states, timeline
from components.analysis_tabs import tabs
from components.times import moment
from state.analysis import AnalysisState
from state.analysis_notices import Notice


def head() -> rx.Component:
    """Show what was asked, what is wrong, how far it is, what happened, and the tabs."""
    return rx.fragment(
        _asked(),
        rx.cond(AnalysisState.problem != "", states.error(AnalysisState.problem)),
        rx.cond(AnalysisState.steering_problem != "", states.error(AnalysisState.steering_problem)),
        rx.cond(
            AnalysisState.failed != "",
            states.error(rx.el.span(AnalysisState.failed, " ", AnalysisState.advice)),
        ),
        choice.banner(),
        rx.cond(AnalysisState.notices.length() > 0, _notices()),
        rx.cond(
            AnalysisState.loaded,
            rx.cond(AnalysisState.closed, rx.fragment(), rx.fragment(progress.panel(), progress.early())),
            rx.el.div(states.skeleton(3), class_name="panel"),
        ),
        timeline.panel(),
        rx.cond(AnalysisState.loaded, tabs()),
    )


def _asked() -> rx.Component:
    return rx.el.div(
        rx.el.ul(
            rx.foreach(AnalysisState.sources, lambda source: rx.el.li(source, class_name="chip")),
            rx.cond(
                AnalysisState.time_range != "",
                rx.el.li(AnalysisState.time_range, class_name="chip", title="The time range that was asked for"),
            ),
            class_name="chips",
            aria_label="Sources and time range",
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


def _notices() -> rx.Component:
    """Show the notices; on a phone one line until someone opens them."""
    first = AnalysisState.notices[0]
    more = AnalysisState.notices.length() - 1
    return rx.el.div(
        rx.el.button(
            rx.icon("circle-alert", size=16, aria_hidden="true"),
            rx.el.span(first.what, class_name="clip"),
            rx.cond(more > 0, rx.el.span("+", more)),
            rx.cond(
                AnalysisState.notices_opened,
                rx.icon("chevron-up", size=16, aria_hidden="true"),
                rx.icon("chevron-down", size=16, aria_hidden="true"),
            ),
            type="button",
            on_click=AnalysisState.toggle_notices,
            aria_expanded=rx.cond(AnalysisState.notices_opened, "true", "false"),
            aria_controls="notices",
            class_name="notice wait notices-line",
        ),
        rx.el.div(
            rx.foreach(AnalysisState.notices, _notice),
            id="notices",
            class_name=rx.cond(AnalysisState.notices_opened, "notices notices-opened", "notices"),
        ),
        class_name="notices-box",
    )


def _notice(notice: rx.Var[Notice]) -> rx.Component:
    return states.partial(
        rx.el.span(
            rx.el.b(notice.what),
            " ",
            notice.why,
            rx.cond(notice.since != "", rx.el.span(" Since ", moment(notice.since), ".")),
            rx.cond(notice.href != "", rx.el.span(" ", rx.link(notice.link, href=notice.href), ".")),
        )
    )
