"""The banner of an analysis that waits for a choice about its cost: the question, and a button for each answer."""

from __future__ import annotations

import reflex as rx

from state.analysis import AnalysisState
from state.analysis_choice import OptionRow


def banner() -> rx.Component:
    """Show the question while there is one."""
    return rx.cond(
        AnalysisState.choice_asked != "",
        rx.el.section(
            rx.el.h2("Your choice", class_name="section-title"),
            rx.el.p(AnalysisState.choice_asked, class_name="choice-asked"),
            rx.el.ul(rx.foreach(AnalysisState.choice_options, _option), class_name="choice-options"),
            rx.cond(AnalysisState.choice_needs_cap, _higher_cap()),
            class_name="panel panel-pad choice",
            aria_label="Your choice about the cost",
            role="status",
        ),
    )


def _option(option: rx.Var[OptionRow]) -> rx.Component:
    return rx.el.li(
        rx.button(
            option.label,
            variant=rx.cond(option.choice == "go_on", "solid", "soft"),
            size="2",
            disabled=option.blocked | (AnalysisState.steering_refused != ""),
            title=AnalysisState.steering_refused,
            on_click=AnalysisState.choose(option.choice),
            custom_attrs={"aria-describedby": "choice-" + option.choice},
        ),
        rx.el.div(
            rx.el.div(option.meaning),
            rx.el.div(option.cost, class_name="quiet small"),
            id="choice-" + option.choice,
        ),
    )


def _higher_cap() -> rx.Component:
    return rx.el.form(
        rx.el.label("New cap", html_for="new-cap"),
        rx.input(
            rx.input.slot("$"),
            id="new-cap",
            name="cap",
            default_value=AnalysisState.choice_cap,
            size="2",
            auto_complete=False,
            aria_describedby="new-cap-problem",
            custom_attrs={"inputMode": "decimal"},
        ),
        rx.button(
            "Raise the cap and go on",
            type="submit",
            variant="soft",
            size="2",
            disabled=AnalysisState.steering_refused != "",
        ),
        rx.el.div(AnalysisState.choice_problem, id="new-cap-problem", class_name="field-error", aria_live="polite"),
        on_submit=AnalysisState.raise_cap,
        class_name="choice-cap",
    )
