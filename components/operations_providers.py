"""Providers: which are asked, which are left alone because they failed again and again, until when and why."""

from __future__ import annotations

import reflex as rx

from components import states
from components.steering import steering_button
from components.times import clock
from state.operations_providers import ProviderShown, ProvidersState


def section() -> rx.Component:
    """Show every provider with its circuit breaker."""
    heads = ("Provider", "Calls", "Why", "")
    return rx.el.section(
        rx.el.h2("Providers", class_name="section-title list-head"),
        rx.cond(
            ProvidersState.problem != "", rx.el.div(states.partial(ProvidersState.problem), class_name="panel-pad")
        ),
        rx.cond(
            ProvidersState.rows.length() > 0,
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        *[
                            rx.el.th(head or rx.el.span("Ask again", class_name="only-read"), scope="col")
                            for head in heads
                        ]
                    )
                ),
                rx.el.tbody(rx.foreach(ProvidersState.rows, _provider)),
                class_name="rows jobs providers",
            ),
        ),
        rx.cond(ProvidersState.asked != "", _question()),
        rx.cond(
            ProvidersState.outcome != "",
            rx.el.div(
                ProvidersState.outcome,
                class_name=rx.cond(ProvidersState.outcome_bad, "notice bad list-notice", "notice list-notice"),
                role="status",
            ),
        ),
        class_name="panel list",
    )


def _provider(row: rx.Var[ProviderShown]) -> rx.Component:
    def mark(icon: str, tone: str, *said: rx.Component | str) -> rx.Component:
        return rx.el.span(rx.icon(icon, size=14, aria_hidden="true"), *said, class_name=f"mark {tone}")

    return rx.el.tr(
        rx.el.th(row.label, scope="row"),
        rx.el.td(
            rx.match(
                row.state,
                ("closed", mark("circle-check", "good", "asked as usual")),
                ("open", mark("circle-x", "bad", "left alone until ", clock(row.until))),
                mark("circle-dot", "wait", "the next call decides"),
            ),
            custom_attrs={"data-label": "calls"},
        ),
        rx.el.td(row.why, class_name="small"),
        rx.el.td(
            rx.cond(
                row.state != "closed",
                steering_button(
                    "Ask again\N{HORIZONTAL ELLIPSIS}", ProvidersState.ask(row.id), "Ask this provider again now"
                ),
            ),
        ),
        key=row.id,
    )


def _question() -> rx.Component:
    return rx.el.div(
        rx.icon("triangle-alert", size=16, aria_hidden="true"),
        rx.el.div(
            "Ask ",
            ProvidersState.asked_label,
            " again now? Its breaker closes and calls go through at once, in all processes; five more failures within "
            "a minute open it again. Jobs that wait go on when their own wait is over.",
            class_name="notice-text",
        ),
        rx.button("Yes, ask it again", on_click=ProvidersState.close, size="1"),
        rx.button("Leave it", on_click=ProvidersState.keep, variant="soft", color_scheme="gray", size="1"),
        class_name="notice wait list-notice",
        role="alertdialog",
        aria_label="Are you sure?",
    )
