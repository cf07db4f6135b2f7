"""What a draft will take, and its start."""

from __future__ import annotations

import reflex as rx

from components import estimate, states
from state.new import REASON, New

FORM = "ask"
"""The form that the start sends; fields elsewhere on the page name it."""


def takes() -> rx.Component:
    """Show the estimate."""
    return rx.el.section(
        rx.el.h2("What it will take", class_name="section-title"),
        rx.cond(
            New.estimate_problem != "",
            states.error(New.estimate_problem, New.measure),
            rx.fragment(
                rx.cond(New.stale, states.partial(New.blocked)),
                rx.cond(
                    New.estimate.lines.length() > 0,
                    estimate.full(New.estimate, New.estimating, New.stale),
                    rx.cond(New.estimating, estimate.skeleton(), rx.cond(New.stale, rx.fragment(), estimate.empty())),
                ),
            ),
        ),
        class_name="panel panel-pad takes",
        aria_live="polite",
    )


def button() -> rx.Component:
    """Show the start, and why it cannot be."""
    return rx.el.div(
        rx.cond(New.start_problem != "", states.error(New.start_problem)),
        rx.button(
            "Start analysis",
            rx.el.span("↵", class_name="start-key mod hide-phone", aria_hidden="true"),
            type="submit",
            form=FORM,
            size="3",
            loading=New.starting,
            # It can be pressed all the same: then the reason takes the focus, so that nobody presses in vain.
            aria_disabled=rx.cond(New.blocked != "", "true", "false"),
            aria_describedby=REASON,
            custom_attrs={"data-keys": "mod+enter"},
        ),
        rx.el.div(
            rx.cond(
                New.refused & (New.blocked != ""),
                rx.el.span(rx.icon("circle-alert", size=14, aria_hidden="true"), New.blocked, class_name="field-error"),
                New.blocked,
            ),
            id=REASON,
            class_name="field-hint",
            aria_live="polite",
            tab_index=-1,
        ),
        class_name="start",
    )
