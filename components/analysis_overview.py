"""The Overview tab: the numbers, each a door, and two charts."""

from __future__ import annotations

import reflex as rx

from components import charts, marks, states, unread
from components.analysis_doors import tile
from components.topic_trends import topic_trends
from state.analysis import AnalysisState
from state.analysis_brief import BriefLine, Cite
from state.analysis_overview import OverviewState


def tab() -> rx.Component:
    """Show the Overview tab."""
    return rx.el.div(
        rx.el.ul(rx.foreach(AnalysisState.counts, tile), class_name="tiles panel", aria_label="Counts"),
        rx.cond(AnalysisState.brief.length() > 0, _brief()),
        rx.cond(
            OverviewState.problem != "",
            states.error(OverviewState.problem),
            rx.cond(
                OverviewState.loaded,
                rx.fragment(
                    rx.el.div(
                        rx.cond(OverviewState.days.length() > 0, charts.items_per_day(), _no_days()),
                        rx.cond(OverviewState.topics.length() > 0, charts.topics_by_size(), _no_topics()),
                        class_name="charts",
                    ),
                    rx.cond(OverviewState.trends.length() > 0, topic_trends()),
                ),
                rx.el.div(_box(), _box(), class_name="charts"),
            ),
        ),
        class_name="stack",
    )


def _brief() -> rx.Component:
    """Show the findings in a few sentences, each with the quotes on which it rests."""

    def cite(one: rx.Var[Cite]) -> rx.Component:
        return rx.el.li(
            rx.el.span(one.number, class_name="cite-number"),
            rx.cond(
                one.href != "",
                rx.link("\N{LEFT DOUBLE QUOTATION MARK}", one.words, "\N{RIGHT DOUBLE QUOTATION MARK}", href=one.href),
                rx.el.q(one.words),
            ),
        )

    def line(one: rx.Var[BriefLine]) -> rx.Component:
        return rx.el.li(
            rx.el.details(
                rx.el.summary(
                    one.text,
                    rx.el.span(
                        one.cites.length(),
                        rx.cond(one.cites.length() == 1, " quote", " quotes"),
                        class_name="quiet small brief-count",
                    ),
                ),
                rx.el.ol(rx.foreach(one.cites, cite), class_name="cites small"),
            )
        )

    return rx.el.section(
        rx.el.div(
            rx.el.h2("In short", class_name="section-title"),
            marks.engine(AnalysisState.brief_engine),
            class_name="brief-head",
        ),
        rx.el.ul(rx.foreach(AnalysisState.brief, line), class_name="brief"),
        rx.cond(AnalysisState.question_unread, unread.note()),
        class_name="panel panel-pad stack-small",
        aria_label="In short",
    )


def _box() -> rx.Component:
    return rx.el.div(
        states.bone("40%", "16px"),
        states.bone("100%", "340px"),
        class_name="panel panel-pad stack-small",
        aria_busy="true",
    )


def _no_days() -> rx.Component:
    return rx.el.div(
        states.empty("Items per day", "The chart shows as soon as the first items are cleaned.", icon="chart-column"),
        class_name="panel",
    )


def _no_topics() -> rx.Component:
    return rx.el.div(
        rx.match(
            AnalysisState.status,
            (
                "completed",
                states.empty(
                    "No topics", "There were too few items that speak of the same thing to name one.", icon="chart-bar"
                ),
            ),
            ("partial", _ended_before_topics()),
            ("failed", _ended_before_topics()),
            ("cancelled", _ended_before_topics()),
            states.empty("Topics by size", "Topics are found when all items are scored.", icon="chart-bar"),
        ),
        class_name="panel",
    )


def _ended_before_topics() -> rx.Component:
    return states.empty("No topics", "The analysis ended before topics were found.", icon="chart-bar")
