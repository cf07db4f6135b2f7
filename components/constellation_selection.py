"""The items that are selected on the map."""

from __future__ import annotations

import reflex as rx

from components import states
from components.times import moment
from state.analysis_tables import ItemRow
from state.constellation import ConstellationState


def section() -> rx.Component:
    """Show them, or how to select some."""
    return rx.el.section(
        rx.cond(
            ConstellationState.selection_problem != "",
            states.error(ConstellationState.selection_problem),
            rx.cond(
                ConstellationState.selected,
                rx.el.div(
                    rx.el.div(
                        rx.el.h2(ConstellationState.selected_words, class_name="section-title", aria_live="polite"),
                        rx.button(
                            "Clear", on_click=ConstellationState.clear, variant="ghost", color_scheme="gray", size="1"
                        ),
                        class_name="list-head",
                    ),
                    rx.cond(
                        ConstellationState.reading & (ConstellationState.rows.length() == 0),
                        states.skeleton(4, "Reading the items"),
                        rx.el.ul(rx.foreach(ConstellationState.rows, _row), class_name="selection"),
                    ),
                    rx.el.div(
                        rx.cond(
                            ConstellationState.later,
                            rx.button("Newest", on_click=ConstellationState.newest, variant="soft", size="1"),
                        ),
                        rx.cond(
                            ConstellationState.more,
                            rx.button("Next 50, older", on_click=ConstellationState.older, variant="soft", size="1"),
                        ),
                        class_name="list-foot",
                    ),
                    class_name=rx.cond(ConstellationState.reading, "fading", ""),
                    aria_busy=rx.cond(ConstellationState.reading, "true", "false"),
                ),
                states.empty(
                    "Nothing selected",
                    "Draw a line around points to read what was said there, or click one point.",
                    icon="lasso",
                ),
            ),
        ),
        aria_label="Selected items",
        class_name="panel",
    )


def _row(row: rx.Var[ItemRow]) -> rx.Component:
    return rx.el.li(
        rx.cond(row.title != "", rx.el.div(row.title, class_name="item-title")),
        rx.el.div(row.clip, rx.cond(row.rest != "", " …", ""), class_name="item-text"),
        rx.el.div(
            rx.cond(row.sentiment != "", rx.el.span(row.sentiment)),
            rx.cond(row.topic != "", rx.el.span(row.topic)),
            rx.el.span(row.community),
            rx.el.span(row.author),
            moment(row.posted_at),
            rx.cond(
                row.permalink != "",
                rx.el.a(
                    "where it was said",
                    href=row.permalink,
                    target="_blank",
                    rel="noopener noreferrer nofollow",
                ),
            ),
            class_name="selection-facts quiet small",
        ),
        key=row.id,
    )
