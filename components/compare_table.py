"""The tables and sections that the pages of a comparison share."""

from __future__ import annotations

from typing import Any

import reflex as rx

from state.compare_rows import PairRow


def section(title: str, *children: rx.Component, anchor: str = "") -> rx.Component:
    """Show a part of the page under its title."""
    return rx.el.section(
        rx.el.h2(title, class_name="section-title"),
        *children,
        **({"id": anchor} if anchor else {}),
        class_name="panel panel-pad",
        style={"min_width": "0"},
    )


def fold(name: Any, words: Any, *children: rx.Component) -> rx.Component:
    """Show one line that opens to the rest."""
    return rx.el.details(
        rx.el.summary(rx.el.b(name), rx.el.span(words, class_name="quiet"), class_name="compare-fold"), *children
    )


def pairs(name: str, rows: Any) -> rx.Component:
    """Show what differs, before beside after."""

    def pair(row: rx.Var[PairRow]) -> rx.Component:
        return rx.el.tr(
            rx.el.th(row.name, scope="row"),
            rx.el.td(row.before, custom_attrs={"data-label": "before"}),
            rx.el.td(row.after, custom_attrs={"data-label": "after"}),
            key=row.name,
        )

    return table(name, ("", "Before", "After"), rows, pair)


def _head(head: str) -> rx.Component:
    if not head:
        return rx.el.td()
    plain = head.removeprefix("#")  # the head of a column of numbers stands above them
    return rx.el.th(plain, scope="col", class_name="number" if plain != head else "")


def table(name: str, heads: tuple[str, ...], rows: Any, row: Any) -> rx.Component:
    """Show rows under their heads; a head that begins with `#` stands above numbers."""
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[_head(head) for head in heads])),
            rx.el.tbody(rx.foreach(rows, row)),
            class_name="rows jobs compare-rows",
        ),
        class_name="scroll-x",
        tab_index=0,
        role="region",
        aria_label=name,
    )
