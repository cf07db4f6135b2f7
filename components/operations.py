"""Queues, workers and jobs of the whole installation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import operations_jobs, operations_providers, states
from components.steering import steering_button
from components.times import moment
from state.operations import OperationsState
from state.operations_holds import HoldState
from state.operations_rows import BAR_HEIGHT, Bar, QueueShown, WorkerShown

HEADS = (
    ("Queue", ""),
    ("Due", "number"),
    ("Oldest due", "number"),
    ("Later", "number"),
    ("Running", "number"),
    ("Slots", "number"),
    ("Last hour", ""),
    ("", ""),
)
"""Of the table of queues: words and class."""


def panel() -> rx.Component:
    """Show the whole page's content."""
    return rx.cond(
        OperationsState.problem != "",
        states.error(OperationsState.problem),
        rx.cond(
            OperationsState.loaded,
            rx.el.div(
                _queues(),
                operations_providers.section(),
                _workers(),
                operations_jobs.section(),
                class_name="operations",
            ),
            rx.el.div(
                rx.el.div(states.skeleton(4, "Reading the queues"), class_name="panel"),
                rx.el.div(states.skeleton(6, "Reading the jobs"), class_name="panel"),
                class_name="operations",
            ),
        ),
    )


def _queues() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Queues", class_name="section-title list-head"),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(head or rx.el.span("Hold", class_name="only-read"), scope="col", class_name=kind)
                        for head, kind in HEADS
                    ]
                )
            ),
            rx.el.tbody(rx.foreach(OperationsState.queues, _queue)),
            class_name="rows jobs queues",
        ),
        rx.cond(HoldState.problem != "", rx.el.div(states.error(HoldState.problem), class_name="panel-pad")),
        class_name="panel list",
    )


def _queue(queue: rx.Var[QueueShown]) -> rx.Component:
    """Show a queue; below it, where it was asked for, the form that holds it."""
    return rx.fragment(
        _queue_row(queue),
        rx.cond(
            HoldState.holding == queue.name,
            rx.el.tr(rx.el.td(_hold_form(), col_span=len(HEADS)), class_name="hold-row"),
        ),
        key=queue.name,
    )


def _queue_row(queue: rx.Var[QueueShown]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.link(queue.name, href=queue.jobs_href, underline="always"),
            rx.el.div(queue.meaning, class_name="quiet small"),
            rx.cond(
                queue.held != "",
                rx.el.div(
                    rx.icon("circle-pause", size=14, aria_hidden="true"),
                    queue.held,
                    " · ",
                    moment(queue.held_since),
                    class_name="mark wait",
                ),
            ),
            rx.cond(
                queue.stuck_words != "",
                rx.el.div(
                    rx.icon("triangle-alert", size=14, aria_hidden="true"), queue.stuck_words, class_name="mark bad"
                ),
            ),
            scope="row",
        ),
        rx.el.td(queue.due, class_name="number", custom_attrs={"data-label": "due"}),
        rx.el.td(
            rx.cond(
                queue.oldest != "",
                rx.el.span(
                    rx.cond(queue.old, rx.icon("triangle-alert", size=14, aria_hidden="true"), rx.fragment()),
                    queue.oldest,
                    class_name=rx.cond(queue.old, "mark wait", ""),
                ),
            ),
            class_name="number nowrap",
            custom_attrs={"data-label": "oldest due"},
        ),
        rx.el.td(queue.later, class_name="number", custom_attrs={"data-label": "later"}),
        rx.el.td(queue.running, class_name="number", custom_attrs={"data-label": "running"}),
        rx.el.td(queue.slots, class_name="number", custom_attrs={"data-label": "slots"}),
        rx.el.td(
            rx.cond(
                queue.trend_words != "",
                rx.el.svg(
                    rx.foreach(queue.bars, _bar),
                    custom_attrs={
                        "viewBox": f"0 0 72 {BAR_HEIGHT}",
                        "width": "72",
                        "height": str(BAR_HEIGHT),
                        "aria-hidden": "true",
                    },
                ),
            ),
            rx.el.div(rx.cond(queue.trend_words != "", queue.trend_words, "nothing ended"), class_name="quiet small"),
            custom_attrs={"data-label": "last hour"},
        ),
        rx.el.td(
            rx.cond(
                queue.held != "",
                steering_button(
                    "Release",
                    HoldState.release(queue.name),
                    "Let this queue go on",
                    aria_label=f"Release {queue.name}",
                ),
                steering_button(
                    "Hold…",
                    HoldState.begin(queue.name),
                    "Let no further job of this queue start",
                    id=f"hold-{queue.name}",
                    aria_label=f"Hold… {queue.name}",
                ),
            ),
        ),
    )


def _bar(bar: rx.Var[Bar]) -> rx.Component:
    def rect(y: Any, height: Any, kind: str) -> rx.Component:
        return rx.el.rect(x=bar.x, y=y, width="5", height=height, class_name=kind)

    return rx.fragment(rect(bar.done_y, bar.done, "bar-done"), rect(bar.failed_y, bar.failed, "bar-failed"))


def _hold_form() -> rx.Component:
    return rx.el.form(
        rx.el.label("Why is ", HoldState.holding, " held? People whose jobs wait read it.", html_for="reason"),
        rx.el.div(
            rx.el.input(id="reason", name="reason", max_length=200, class_name="native-select", auto_focus=True),
            rx.button("Hold", type="submit", size="2"),
            rx.button(
                "Do not hold",
                type="button",
                on_click=HoldState.keep,
                variant="soft",
                color_scheme="gray",
                size="2",
                custom_attrs={"data-escape": ""},
            ),
            class_name="field-row",
        ),
        rx.cond(
            HoldState.hold_problem != "",
            rx.el.div(HoldState.hold_problem, class_name="field-error", role="alert"),
        ),
        on_submit=HoldState.hold,
        class_name="hold-form",
    )


def _workers() -> rx.Component:
    heads = (("Worker", ""), ("Takes", ""), ("Busy slots", "number"), ("Heard of", ""), ("Started", ""))
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Workers", class_name="section-title"),
            rx.el.span(OperationsState.slots_words, class_name="quiet"),
            class_name="list-head",
        ),
        rx.cond(
            OperationsState.workers.length() > 0,
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head, scope="col", class_name=kind) for head, kind in heads])),
                rx.el.tbody(rx.foreach(OperationsState.workers, _worker)),
                class_name="rows jobs workers",
            ),
            states.empty(
                "No worker lives", "Jobs wait until one is started: asterism worker. None is lost.", icon="server-off"
            ),
        ),
        class_name="panel list",
    )


def _worker(worker: rx.Var[WorkerShown]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(worker.host, scope="row", title=worker.name),
        rx.el.td(worker.queues, custom_attrs={"data-label": "takes"}),
        rx.el.td(worker.slots, class_name="number", custom_attrs={"data-label": "busy slots"}),
        rx.el.td(moment(worker.heartbeat_at), custom_attrs={"data-label": "heard of"}),
        rx.el.td(moment(worker.started_at), custom_attrs={"data-label": "started"}),
        key=worker.name,
    )
