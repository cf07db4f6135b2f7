"""What became of the topics: a table for each kind of change, those that stayed folded."""

from __future__ import annotations

import reflex as rx

from app.services.pipeline.item_words import COUNTING_RULE, SCORED, SCORED_RULE
from components.analysis_doors import number
from components.compare_table import fold, section, table
from state.compare import CompareState
from state.compare_topics import TopicGroup, TopicRow

_HEADS = ("Topic", "#Items before", "#Items after", "Mood", "Before → after")


def topics() -> rx.Component:
    """Show the topics."""
    return section(
        "Topics",
        rx.el.p(
            f"{SCORED[:1].upper()}{SCORED[1:]} in each topic. Mood: ",
            rx.el.span(class_name="compare-dot compare-dot-before"),
            " before, ",
            rx.el.span(class_name="compare-dot compare-dot-after"),
            " after; the farther right, the better.",
            class_name="quiet small",
            title=f"{SCORED_RULE} {COUNTING_RULE}",
        ),
        rx.foreach(CompareState.shown.topics, _group),
        anchor="topics",
    )


def _group(group: rx.Var[TopicGroup]) -> rx.Component:
    rows = table(group.name, _HEADS, group.rows, _topic)
    return rx.cond(
        group.folded,
        fold(group.name, group.count, rows),
        rx.el.div(
            rx.el.h3(group.name, " ", rx.el.span(group.count, class_name="quiet"), class_name="compare-kind"),
            rows,
            rx.cond(group.more_words != "", fold("", group.more_words, table(group.name, _HEADS, group.more, _topic))),
        ),
    )


def _topic(row: rx.Var[TopicRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, rx.el.div(row.note, class_name="quiet small"), scope="row"),
        rx.el.td(number(row.before), class_name="number", custom_attrs={"data-label": "items before"}),
        rx.el.td(number(row.after), class_name="number", custom_attrs={"data-label": "after"}),
        rx.el.td(rx.cond(row.dots, _dumbbell(row)), aria_hidden="true"),
        rx.el.td(row.mood, rx.el.div(row.mood_note, class_name="quiet small"), custom_attrs={"data-label": "mood"}),
        key=row.key,
    )


def _dumbbell(row: rx.Var[TopicRow]) -> rx.Component:
    return rx.el.div(
        rx.el.span(class_name="compare-bar", style={"left": row.left, "width": row.width}),
        rx.el.span(class_name="compare-dot compare-dot-before placed", style={"left": row.at_before}),
        rx.el.span(class_name="compare-dot compare-dot-after placed", style={"left": row.at_after}),
        class_name="compare-track",
    )
