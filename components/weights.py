"""Sliders for the weights, and the ranking under them."""

from __future__ import annotations

import reflex as rx

from components import states
from state.weights import WeightsState
from state.weights_ranking import MOST_WEIGHT, Ranked, Slider


def panel() -> rx.Component:
    """Show sliders and ranking side by side."""
    return rx.cond(
        WeightsState.problem != "",
        rx.el.div(
            states.empty("Nothing to rank", WeightsState.problem, rx.link("All analyses", href="/"), icon="compass"),
            class_name="panel",
        ),
        rx.cond(
            WeightsState.loaded,
            rx.el.div(
                _sliders(),
                _ranking(),
                style={
                    "display": "grid",
                    "gap": "16px",
                    "grid_template_columns": "repeat(auto-fit, minmax(min(340px, 100%), 1fr))",
                },
            ),
            rx.el.div(states.skeleton(6), class_name="panel"),
        ),
    )


def _sliders() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What counts", class_name="section-title"),
        rx.el.p("Only the ratio of the weights matters. 0 leaves a metric out.", class_name="quiet small"),
        rx.foreach(WeightsState.sliders, _slider),
        # Never taken away, nor `disabled`: either would lose the keyboard's place once it was pressed.
        rx.button(
            "Back to our weights",
            on_click=WeightsState.reset_weights,
            aria_disabled=rx.cond(WeightsState.is_ours, "true", "false"),
            class_name="our-weights",
            variant="soft",
            size="1",
        ),
        class_name="panel panel-pad",
        style={"display": "grid", "gap": "12px", "align_content": "start"},
    )


def _slider(slider: rx.Var[Slider]) -> rx.Component:
    return rx.el.div(
        rx.el.label(
            slider.label,
            rx.el.output(slider.weight, class_name="metric-value"),
            html_for="weight-" + slider.name,
            style={"display": "flex", "justify_content": "space-between", "font_weight": "500"},
        ),
        rx.el.input(
            type="range",
            id="weight-" + slider.name,
            min="0",
            max=str(MOST_WEIGHT),
            default_value=slider.weight.to_string(),
            on_change=lambda value: WeightsState.weigh(slider.name, value).debounce(120),
            class_name="slider",
            aria_describedby="rule-" + slider.name,
        ),
        rx.el.span(slider.rule, id="rule-" + slider.name, class_name="quiet small"),
        key=slider.name + "-" + WeightsState.setting.to_string(),  # a slider knows only where it began
        style={"display": "grid", "gap": "2px"},
    )


def _ranking() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Opportunities in this order", class_name="section-title"),
        rx.cond(
            WeightsState.rows.length() > 0,
            rx.el.ol(
                rx.foreach(WeightsState.rows, _row),
                style={"list_style": "none", "padding": "0", "margin": "0", "display": "grid", "gap": "12px"},
                aria_live="polite",
            ),
            rx.cond(
                WeightsState.nothing_counts,
                rx.el.p("Nothing counts: give at least one metric a weight.", role="status"),
                rx.el.p("There are no opportunities to rank yet.", class_name="quiet"),
            ),
        ),
        class_name="panel panel-pad stack-small",
        style={"align_content": "start"},
    )


def _row(row: rx.Var[Ranked]) -> rx.Component:
    return rx.el.li(
        rx.el.span(row.place, class_name="quiet"),
        rx.el.div(
            rx.link(row.title, href="/receipts/" + row.id),
            rx.el.div(
                row.ours,
                rx.cond(row.moved != "", rx.el.span(" · ", row.moved)),
                " · ",
                rx.link(row.item_words, href=row.items_href, class_name="door-number"),
                class_name="quiet small",
            ),
        ),
        rx.el.span(row.score, class_name="card-score"),
        key=row.id,
        style={
            "display": "grid",
            "grid_template_columns": "3ch minmax(0, 1fr) auto",
            "gap": "8px",
            "align_items": "start",
        },
    )
