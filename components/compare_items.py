"""The items of a comparison: where they came from and went, and those that a number leads to."""

from __future__ import annotations

import reflex as rx

from components import states
from components.analysis_doors import number
from components.compare_table import fold, table
from components.times import moment
from state.compare import CompareState
from state.compare_items import ItemRow, OriginRow


def items() -> rx.Component:
    """Show the items that the address asks for."""
    return rx.el.section(
        rx.el.h2(CompareState.item_title, class_name="section-title"),
        rx.cond(CompareState.items_problem != "", states.error(CompareState.items_problem)),
        rx.cond(
            CompareState.changed.length() > 0,
            rx.el.ul(rx.foreach(CompareState.changed, _item), class_name="compare-items"),
            rx.cond(CompareState.items_problem == "", rx.el.p("There are none.", class_name="quiet")),
        ),
        rx.cond(CompareState.next_href != "", rx.link("More", href=CompareState.next_href)),
        id="changed",
        class_name="panel panel-pad",
    )


def _item(row: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.cond(
                row.permalink != "",
                rx.el.a(row.community, href=row.permalink, target="_blank", rel="noopener noreferrer nofollow"),
                row.community,
            ),
            " · ",
            row.author,
            " · ",
            moment(row.posted_at),
            rx.cond(row.note != "", rx.el.span(" · ", row.note)),
            class_name="quiet small",
        ),
        rx.cond(row.title != "", rx.el.b(row.title)),
        rx.cond(row.before_text != "", rx.el.p(rx.el.del_(row.before_text), class_name="quiet compare-text")),
        rx.el.p(row.text, class_name="compare-text"),
        key=row.key,
    )


def origins() -> rx.Component:
    """Show from where items came and went, folded."""
    return fold(
        "Items by community",
        "where they came from and went, and why",
        table("Items by community", ("", "Community", "#Items", "Why"), CompareState.shown.origins, _origin),
    )


def _origin(row: rx.Var[OriginRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(row.what),
        rx.el.th(row.community, scope="row"),
        rx.el.td(number(row.count), class_name="number", custom_attrs={"data-label": "items"}),
        rx.el.td(row.why, class_name="quiet small"),
    )
