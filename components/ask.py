"""The question field, questions to start with, and what was asked before."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services.pipeline.understanding import LONGEST
from components import states
from components.ask_answer import answer, small_button
from components.times import moment
from state.ask import AskState
from state.ask_shown import AskedRow


def panel() -> rx.Component:
    """Show the page below its tabs."""
    return rx.cond(
        AskState.problem != "",
        states.error(AskState.problem),
        rx.el.div(
            _form(),
            rx.cond(AskState.asking_problem != "", states.error(AskState.asking_problem)),
            rx.cond(
                AskState.busy,
                rx.el.div(states.skeleton(4, "Searching the items"), class_name="panel"),
                rx.cond(
                    AskState.shown.id != "",
                    answer(),
                    rx.cond(AskState.loaded, _none(), rx.el.div(states.skeleton(4), class_name="panel")),
                ),
            ),
            _lists(),
            class_name="stack",
        ),
    )


def _form() -> rx.Component:
    return rx.el.section(
        rx.el.form(
            rx.el.label("Ask these items", html_for="ask-text", class_name="field-label"),
            rx.el.div(
                rx.input(
                    id="ask-text",
                    name="text",
                    type="search",
                    placeholder="What do people complain about?",
                    value=AskState.text,
                    on_change=AskState.write,
                    max_length=LONGEST,
                    size="3",
                    auto_complete=False,
                    # What is written before the page knows its analysis would be lost.
                    disabled=(AskState.refused != "") | ~AskState.loaded,
                    custom_attrs={"data-keys": "/", "aria-describedby": "ask-hint"},
                ),
                rx.button(
                    "Ask",
                    type="submit",
                    size="3",
                    loading=AskState.busy,
                    disabled=(AskState.refused != "") | ~AskState.loaded,
                ),
                class_name="field-row",
            ),
            rx.el.p(
                rx.cond(
                    AskState.refused != "",
                    AskState.refused,
                    "Answered from the collected items alone, each sentence with its source. Ask in English, with the "
                    "words that people would use. Limits such as a community, \u201cnegative\u201d or \u201clast "
                    "week\u201d are understood.",
                ),
                id="ask-hint",
                class_name="field-hint",
            ),
            on_submit=AskState.ask,
            class_name="field",
        ),
        class_name="panel panel-pad",
        aria_label="Ask a question",
    )


def _none() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Questions to start with", class_name="section-title"),
        rx.cond(
            AskState.suggestions.length() > 0,
            rx.el.ul(
                rx.foreach(
                    AskState.suggestions,
                    lambda text: rx.el.li(
                        rx.button(
                            rx.icon("message-circle-question", size=14, aria_hidden="true"),
                            text,
                            on_click=AskState.ask_this(text),
                            variant="soft",
                            disabled=AskState.refused != "",
                            class_name="ask-suggestion",
                        )
                    ),
                ),
                class_name="ask-suggestions",
            ),
            rx.el.p("No topics were found here, so there is nothing to suggest. Ask anything.", class_name="quiet"),
        ),
        class_name="panel panel-pad stack-small",
    )


def _lists() -> rx.Component:
    return rx.fragment(
        rx.cond(AskState.saved.length() > 0, _list("Saved questions", AskState.saved)),
        rx.cond(AskState.history.length() > 0, _list("Asked before", AskState.history)),
    )


def _list(title: str, rows: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="section-title"),
        rx.el.ol(rx.foreach(rows, _asked), class_name="ask-list"),
        class_name="panel panel-pad stack-small",
    )


def _asked(row: rx.Var[AskedRow]) -> rx.Component:
    return rx.el.li(
        rx.link(
            rx.cond(row.name != "", rx.el.b(row.name, ": ")),
            row.text,
            href=row.href,
            class_name="ask-link",
            custom_attrs={"data-row": "", "aria-current": rx.cond(row.id == AskState.shown.id, "true", "false")},
        ),
        rx.el.span(
            row.outcome,
            rx.cond(row.here, "", ", in another analysis"),
            ", ",
            moment(row.asked_at),
            class_name="quiet small",
        ),
        rx.cond(row.here, rx.fragment(), small_button("Ask here", AskState.again(row.id))),
        key=row.id,
    )
