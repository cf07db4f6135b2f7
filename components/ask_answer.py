"""An answer: what limits it, what was found, and what can be done with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services.question_shapes import LONGEST_NAME
from components import marks, states
from components.ask_found import found
from components.times import moment
from state.ask import AskState
from state.ask_shown import Chip


def answer() -> rx.Component:
    """Show the answer."""
    shown = AskState.shown
    return rx.el.section(
        rx.el.header(
            rx.el.h2(shown.text, class_name="ask-question"),
            rx.el.div(
                rx.cond(
                    shown.found,
                    marks.engine(shown.engine),
                    rx.el.span(
                        rx.icon("search-x", size=14, aria_hidden="true"), "Not in the data", class_name="mark wait"
                    ),
                ),
                rx.el.span("asked ", moment(shown.asked_at), class_name="quiet small"),
                class_name="card-marks",
            ),
        ),
        _limits(),
        rx.cond(
            shown.asking,
            rx.el.p(
                "A model words an answer; what the items say by themselves is below.",
                class_name="notice busy",
                role="status",
            ),
        ),
        rx.cond(shown.note != "", states.partial(shown.note)),
        rx.cond(shown.change != "", rx.el.p(shown.change, class_name="quiet")),
        rx.cond(shown.found, found(), _missing()),
        _actions(),
        class_name="panel panel-pad stack-small",
        aria_label="Answer",
        aria_live="polite",
    )


def _limits() -> rx.Component:
    def chip(each: rx.Var[Chip]) -> rx.Component:
        return rx.el.li(
            "only ",
            each.words,
            rx.el.button(
                rx.icon("x", size=12, aria_hidden="true"),
                type="button",
                class_name="chip-x",
                aria_label="Take away the limit: " + each.words,
                on_click=AskState.widen(each.name),
            ),
            class_name="chip",
        )

    def removed(each: rx.Var[Chip]) -> rx.Component:
        return rx.el.li(
            rx.el.s(each.words),
            rx.el.button(
                rx.icon("undo-2", size=12, aria_hidden="true"),
                type="button",
                class_name="chip-x",
                aria_label="Use the limit again: " + each.words,
                on_click=AskState.narrow(each.name),
            ),
            class_name="chip quiet",
        )

    return rx.cond(
        (AskState.shown.scopes.length() > 0) | (AskState.shown.removed.length() > 0),
        rx.el.ul(
            rx.foreach(AskState.shown.scopes, chip),
            rx.foreach(AskState.shown.removed, removed),
            class_name="chips",
            aria_label="Limits read from the question",
        ),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        rx.foreach(AskState.shown.missing, rx.el.p),
        class_name="ask-missing",
    )


def _actions() -> rx.Component:
    shown = AskState.shown
    return rx.el.footer(
        rx.cond(
            shown.saved_as != "",
            rx.el.span(
                rx.icon("bookmark-check", size=14, aria_hidden="true"),
                "saved as ",
                rx.el.b(shown.saved_as),
                small_button("Remove from saved", AskState.drop),
                class_name="mark",
            ),
            rx.el.form(
                rx.el.label("Save as", html_for="ask-name", class_name="only-read"),
                rx.input(
                    id="ask-name",
                    name="name",
                    placeholder="Save as …",
                    max_length=LONGEST_NAME,
                    size="2",
                    key=shown.id,
                ),
                rx.button("Save", type="submit", variant="soft", size="2"),
                on_submit=AskState.keep,
                class_name="field-row ask-save",
            ),
        ),
        rx.el.span(
            small_button("Ask again", AskState.again(shown.id)),
            small_button("Delete", AskState.delete, colour="red"),
            class_name="ask-buttons",
        ),
        class_name="card-foot",
    )


def small_button(label: str, on_click: Any, *, colour: Any = "gray") -> rx.Component:
    """Return a quiet button; it is off where nothing may be asked."""
    return rx.button(
        label, on_click=on_click, variant="ghost", color_scheme=colour, size="2", disabled=AskState.refused != ""
    )
