"""How the topics change over time: a small table under the charts."""

from __future__ import annotations

import reflex as rx

from app.services.pipeline.item_words import COUNTING_RULE, SCORED, SCORED_RULE
from state.analysis_overview import OverviewState
from state.topic_trends import TrendRow


def topic_trends() -> rx.Component:
    """Show each topic's share of the talk in equal periods, and whether it changes."""
    return rx.el.section(
        rx.el.h2("Topics over time", class_name="section-title"),
        rx.el.p(
            f"Share of the {SCORED} in equal periods, ",
            OverviewState.trend_period,
            "; in brackets between what and what the change lies with 95 % certainty.",
            class_name="quiet small",
            title=f"{SCORED_RULE} {COUNTING_RULE}",
        ),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Topic", scope="col"),
                    rx.el.th("Items", scope="col", class_name="number"),
                    rx.el.th("Over time", scope="col"),
                    rx.el.th("Change", scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(OverviewState.trends, _row)),
            class_name="rows jobs trends",
        ),
        class_name="panel panel-pad stack-small",
        aria_label="Topics over time",
    )


def _row(row: rx.Var[TrendRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(rx.link(row.name, href=row.href), scope="row"),
        rx.el.td(row.count, class_name="number", custom_attrs={"data-label": "items"}),
        rx.el.td(
            rx.el.span(
                rx.foreach(row.bars, lambda height: rx.el.i(style={"height": height})),
                class_name="spark",
                role="img",
                aria_label=row.counts,
                title=row.counts,
            )
        ),
        rx.el.td(
            row.words,
            rx.cond(row.sure != "", rx.el.span(" (", row.sure, ")", class_name="quiet small")),
            data_direction=row.direction,
        ),
    )
