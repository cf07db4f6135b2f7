"""What became of the opportunities: a table for each kind of change, what may be chance folded."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.analysis_doors import number
from components.compare_table import fold, section, table
from state.compare import CompareState
from state.compare_opportunities import OpportunityGroup, OpportunityRow

_HEADS = ("Opportunity", "#Before", "#After", "#Change", "Why")


def opportunities() -> rx.Component:
    """Show the opportunities."""
    return section("Opportunities", rx.foreach(CompareState.shown.opportunities, _group), anchor="opportunities")


def _group(group: rx.Var[OpportunityGroup]) -> rx.Component:
    return rx.cond(
        group.folded,
        fold(group.name, group.count, _rows(group.name, group.rows)),
        rx.el.div(
            rx.el.h3(group.name, " ", rx.el.span(group.count, class_name=group.tone), class_name="compare-kind"),
            _rows(group.name, group.rows),
            rx.cond(group.more_words != "", fold("", group.more_words, _rows(group.name, group.more))),
        ),
    )


def _rows(name: Any, rows: Any) -> rx.Component:
    return table(name, _HEADS, rows, _opportunity)


def _opportunity(row: rx.Var[OpportunityRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.title, rx.el.div(row.note, class_name="quiet small"), scope="row"),
        rx.el.td(
            number(row.before),
            rx.el.div(row.before.note, class_name="quiet small"),
            class_name="number",
            custom_attrs={"data-label": "before"},
        ),
        rx.el.td(
            number(row.after),
            rx.el.div(row.after.note, class_name="quiet small"),
            class_name="number",
            custom_attrs={"data-label": "after"},
        ),
        rx.el.td(
            rx.el.span(row.points, class_name=row.tone), class_name="number", custom_attrs={"data-label": "change"}
        ),
        rx.el.td(
            row.why,
            rx.cond(
                (row.parts.length() > 0) | (row.metrics.length() > 0),
                rx.el.details(
                    rx.el.summary("Step by step", class_name="small"),
                    rx.el.ol(rx.foreach(row.parts, rx.el.li), class_name="small compare-parts"),
                    rx.cond(
                        row.metrics.length() > 0,
                        rx.el.ul(rx.foreach(row.metrics, rx.el.li), class_name="small quiet compare-parts"),
                    ),
                ),
            ),
        ),
        key=row.key,
    )
