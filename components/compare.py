"""What changed between two analyses: a short answer first, then by kind, and the rest folded."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks, states
from components.analysis_doors import chip
from components.compare_items import items, origins
from components.compare_opportunities import opportunities
from components.compare_table import fold, pairs, section
from components.compare_topics import topics
from components.times import moment
from state.compare import CompareState
from state.compare_rows import KindRow, Side

_STACK = {"display": "grid", "gap": "16px"}


def content() -> rx.Component:
    """Show the comparison, or why there is none."""
    return rx.cond(
        CompareState.problem != "",
        rx.el.div(
            states.empty("Nothing to compare", CompareState.problem, rx.link("All analyses", href="/"), icon="compass"),
            class_name="panel",
        ),
        rx.cond(CompareState.loaded, _found(), rx.el.div(states.skeleton(8), class_name="panel")),
    )


def _found() -> rx.Component:
    shown = CompareState.shown
    return rx.el.div(
        rx.foreach(shown.warnings, _warning),
        _answer(),
        rx.el.section(_side("Before", shown.before), _side("After", shown.after), class_name="panel compare-sides"),
        rx.cond(
            shown.unfinished,
            rx.el.p(
                rx.button("Look again", on_click=CompareState.load, variant="soft", size="2"),
                rx.el.span(" Compare when both are done; this is what stands now.", class_name="quiet"),
            ),
        ),
        rx.cond(CompareState.item_title != "", items()),
        rx.cond(shown.opportunities.length() > 0, opportunities()),
        rx.cond(shown.topics.length() > 0, topics()),
        _details(),
        style=_STACK,
    )


def _answer() -> rx.Component:
    shown = CompareState.shown
    return rx.el.section(
        rx.el.div(rx.foreach(shown.summary, rx.el.p), class_name="compare-summary"),
        rx.el.dl(rx.foreach(shown.kinds, _kind), class_name="compare-kinds"),
        rx.cond(
            shown.sentences.length() > 0,
            fold(
                "In words",
                "the weightiest first",
                rx.el.ul(rx.foreach(shown.sentences, rx.el.li), class_name="compare-sentences"),
            ),
        ),
        class_name="panel panel-pad",
        aria_label="In short",
    )


def _kind(row: rx.Var[KindRow]) -> rx.Component:
    return rx.el.div(
        rx.el.dt(row.name), rx.el.dd(rx.el.ul(rx.foreach(row.counts, chip), class_name="number-chips")), key=row.name
    )


def _details() -> rx.Component:
    shown = CompareState.shown
    return section(
        "What else differs",
        rx.cond(shown.origins.length() > 0, origins()),
        _differences("Settings", shown.settings_words, shown.settings),
        _differences("Versions", shown.versions_words, shown.versions),
        fold(
            "Cost",
            shown.cost,
            rx.cond(shown.cost_lines.length() > 0, pairs("Cost", shown.cost_lines)),
            rx.cond(
                shown.seal != "", rx.el.p(shown.seal, class_name="quiet small", style={"overflow_wrap": "anywhere"})
            ),
        ),
    )


def _differences(name: str, words: Any, rows: Any) -> rx.Component:
    return rx.cond(
        rows.length() > 0,
        fold(name, words, pairs(name, rows)),
        rx.el.p(rx.el.b(name), rx.el.span(words, class_name="quiet"), class_name="compare-fold plain"),
    )


def _warning(sentence: rx.Var[str]) -> rx.Component:
    return states.partial(sentence)


def _side(name: str, side: rx.Var[Side] | Any) -> rx.Component:
    return rx.el.div(
        rx.el.h2(name, class_name="section-title"),
        rx.link(side.question, href=side.href),
        rx.el.p(side.sources, class_name="quiet small"),
        rx.el.p(
            marks.analysis_status(side.status),
            " ",
            rx.cond(side.sample, marks.sample()),
            " asked ",
            moment(side.asked_at),
            " · ",
            side.size,
            class_name="small",
        ),
        class_name="panel-pad",
    )
