"""Queues, workers and jobs of the whole installation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks, states
from components.links import link
from components.times import moment
from state.operations import STATE_WORDS, OperationsState
from state.operations_rows import BAR_HEIGHT, Bar, OperationsJobShown, QueueShown, WorkerShown

_STEERS = (
    ("pause", "Pause", "pause"),
    ("resume", "Resume", "play"),
    ("retry", "Retry", "rotate-cw"),
    ("cancel", "Cancel", "ban"),
    ("discard", "Discard", "trash-2"),
)


def panel() -> rx.Component:
    """Show the whole page's content."""
    return rx.cond(
        OperationsState.problem != "",
        states.error(OperationsState.problem),
        rx.cond(
            OperationsState.loaded,
            rx.el.div(_queues(), _workers(), _jobs(), class_name="operations"),
            rx.el.div(
                rx.el.div(states.skeleton(4, "Reading the queues"), class_name="panel"),
                rx.el.div(states.skeleton(6, "Reading the jobs"), class_name="panel"),
                class_name="operations",
            ),
        ),
    )


def _queues() -> rx.Component:
    heads = (
        ("Queue", ""),
        ("Due", "number"),
        ("Oldest due", "number"),
        ("Later", "number"),
        ("Running", "number"),
        ("Slots", "number"),
        ("Last hour", ""),
        ("", ""),
    )
    return rx.el.section(
        rx.el.h2("Queues", class_name="section-title list-head"),
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    *[
                        rx.el.th(head or rx.el.span("Hold", class_name="only-read"), scope="col", class_name=kind)
                        for head, kind in heads
                    ]
                )
            ),
            rx.el.tbody(rx.foreach(OperationsState.queues, _queue)),
            class_name="rows jobs queues",
        ),
        rx.cond(OperationsState.holding != "", _hold_form()),
        class_name="panel list",
    )


def _queue(queue: rx.Var[QueueShown]) -> rx.Component:
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
                _small("Release", OperationsState.release(queue.name), "Let this queue go on"),
                _small("Hold…", OperationsState.begin_hold(queue.name), "Let no further job of this queue start"),
            ),
        ),
        key=queue.name,
    )


def _bar(bar: rx.Var[Bar]) -> rx.Component:
    def rect(y: Any, height: Any, kind: str) -> rx.Component:
        return rx.el.rect(x=bar.x, y=y, width="5", height=height, class_name=kind)

    return rx.fragment(rect(bar.done_y, bar.done, "bar-done"), rect(bar.failed_y, bar.failed, "bar-failed"))


def _small(label: Any, on_click: Any, title: Any) -> rx.Component:
    return rx.button(
        label,
        on_click=on_click,
        disabled=OperationsState.refused != "",
        title=rx.cond(OperationsState.refused != "", OperationsState.refused, title),
        variant="soft",
        color_scheme="gray",
        size="1",
    )


def _hold_form() -> rx.Component:
    return rx.el.form(
        rx.el.label("Why is ", OperationsState.holding, " held? People whose jobs wait read it.", html_for="reason"),
        rx.el.div(
            rx.el.input(id="reason", name="reason", max_length=200, class_name="native-select", auto_focus=True),
            rx.button("Hold", type="submit", size="2"),
            rx.button(
                "Do not hold",
                type="button",
                on_click=OperationsState.end_hold,
                variant="soft",
                color_scheme="gray",
                size="2",
            ),
            class_name="field-row",
        ),
        rx.cond(
            OperationsState.hold_problem != "",
            rx.el.div(OperationsState.hold_problem, class_name="field-error", role="alert"),
        ),
        on_submit=OperationsState.hold,
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


def _jobs() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h2("Jobs", class_name="section-title"),
            rx.cond(
                OperationsState.letters != "",
                rx.link(OperationsState.letters, href="/operations?state=dead", class_name="bad", underline="always"),
            ),
            class_name="list-head",
        ),
        _filters(),
        rx.cond(
            OperationsState.outcome != "",
            rx.el.div(
                OperationsState.outcome,
                class_name=rx.cond(OperationsState.outcome_bad, "notice bad list-notice", "notice list-notice"),
                role="status",
            ),
        ),
        rx.cond(OperationsState.rows.length() > 0, _table(), _nothing()),
        class_name="panel list",
    )


def _filters() -> rx.Component:
    def tab(name: str, label: str) -> rx.Component:
        href = rx.cond(
            OperationsState.queue != "",
            f"/operations?state={name}&queue=" + OperationsState.queue,
            f"/operations?state={name}",
        )
        return rx.el.li(
            link(
                label,
                to=href,
                class_name="tab",
                custom_attrs={"aria-current": rx.cond(OperationsState.state == name, "page", "false")},
            )
        )

    return rx.el.div(
        rx.el.nav(
            rx.el.ul(*[tab(name, label) for name, label in STATE_WORDS.items()], class_name="tabs"),
            aria_label="Which jobs",
        ),
        rx.cond(
            OperationsState.queue != "",
            rx.el.span(
                "only ",
                OperationsState.queue,
                " · ",
                rx.link("all queues", href="/operations?state=" + OperationsState.state, underline="always"),
                class_name="small",
            ),
        ),
        rx.el.div(
            rx.el.span(OperationsState.chosen_words, class_name="small", aria_live="polite"),
            *[
                rx.button(
                    rx.icon(icon, size=14, aria_hidden="true"),
                    label,
                    on_click=OperationsState.move(move),
                    disabled=(OperationsState.chosen.length() == 0) | (OperationsState.refused != ""),
                    title=rx.cond(OperationsState.refused != "", OperationsState.refused, f"{label} the chosen jobs"),
                    variant="soft",
                    color_scheme="gray",
                    size="1",
                )
                for move, label, icon in _STEERS
            ],
            class_name="steers",
        ),
        rx.cond(
            OperationsState.asked != "",
            rx.el.div(
                rx.icon("triangle-alert", size=16, aria_hidden="true"),
                rx.el.div(OperationsState.asked_words, class_name="notice-text"),
                rx.button(
                    "Yes, do it", on_click=OperationsState.move(OperationsState.asked), color_scheme="red", size="1"
                ),
                rx.button("Keep them", on_click=OperationsState.keep, variant="soft", color_scheme="gray", size="1"),
                class_name="notice wait",
                role="alertdialog",
                aria_label="Are you sure?",
            ),
        ),
        class_name="filters-line",
    )


def _nothing() -> rx.Component:
    return states.empty(
        "No such jobs",
        "Nothing stands here at the moment; the list fills by itself.",
        icon="list-checks",
    )


def _table() -> rx.Component:
    heads = ("Job", "Status", "Queue", "Progress", "Attempts", "Worker", "When")
    return rx.fragment(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(
                        rx.el.input(
                            type="checkbox",
                            checked=OperationsState.chosen.length() == OperationsState.rows.length(),
                            on_change=OperationsState.choose_all,
                            aria_label="Choose all on this page",
                        ),
                        scope="col",
                    ),
                    *[rx.el.th(head, scope="col") for head in heads],
                )
            ),
            rx.el.tbody(rx.foreach(OperationsState.rows, _job)),
            class_name="rows jobs",
        ),
        rx.cond(OperationsState.opened != "", _opened()),
        rx.el.nav(
            rx.cond(OperationsState.newest_href != "", rx.link("Newest", href=OperationsState.newest_href)),
            rx.cond(
                OperationsState.older_href != "",
                rx.link("Next 50, older", href=OperationsState.older_href, class_name="list-next"),
            ),
            class_name="list-foot",
            aria_label="Pages",
        ),
    )


def _job(job: rx.Var[OperationsJobShown]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.input(
                type="checkbox",
                checked=job.chosen,
                on_change=OperationsState.choose(job.id),
                aria_label="Choose " + job.label,
            )
        ),
        rx.el.th(
            rx.el.button(
                job.label,
                on_click=OperationsState.open_job(job.id),
                type="button",
                class_name="door-button",
                custom_attrs={"aria-expanded": rx.cond(OperationsState.opened == job.id, "true", "false")},
            ),
            rx.el.div(
                rx.link(job.question, href=job.href, underline="always"), " · ", job.workspace, class_name="quiet small"
            ),
            rx.cond(job.error != "", rx.el.div(job.error, class_name="job-error small bad")),
            scope="row",
        ),
        rx.el.td(marks.job_status(job.status)),
        rx.el.td(job.queue, custom_attrs={"data-label": "queue"}),
        rx.el.td(job.progress, class_name="small", custom_attrs={"data-label": "progress"}),
        rx.el.td(job.attempts, class_name="nowrap", custom_attrs={"data-label": "attempts"}),
        rx.el.td(
            job.worker,
            rx.cond(job.heartbeat_at != "", rx.el.div("heard of ", moment(job.heartbeat_at), class_name="quiet")),
            class_name="small job-worker",
            custom_attrs={"data-label": "worker"},
        ),
        rx.el.td(job.when_word, " ", moment(job.when), class_name="small quiet nowrap"),
        key=job.id,
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _opened() -> rx.Component:
    return rx.el.section(
        rx.el.h3(OperationsState.opened_label, class_name="section-title"),
        rx.cond(
            OperationsState.opened_reason != "",
            states.partial(rx.el.span("Given up: ", OperationsState.opened_reason)),
        ),
        rx.el.ol(
            rx.foreach(
                OperationsState.opened_lines,
                lambda line: rx.el.li(moment(line["at"], class_name="quiet small"), " ", line["message"]),
            ),
            class_name="job-lines",
        ),
        rx.el.form(
            rx.el.label("What it was asked to do", html_for="payload"),
            rx.el.textarea(
                id="payload",
                name="payload",
                default_value=OperationsState.opened_payload,
                key=OperationsState.opened,
                rows="8",
                read_only=(OperationsState.opened_reason == "") | (OperationsState.refused != ""),
                spell_check=False,
                class_name="payload",
            ),
            rx.cond(
                OperationsState.payload_problem != "",
                rx.el.div(OperationsState.payload_problem, class_name="field-error", role="alert"),
            ),
            rx.cond(
                OperationsState.opened_reason != "",
                rx.button(
                    "Retry with this",
                    type="submit",
                    disabled=OperationsState.refused != "",
                    title=OperationsState.refused,
                    size="1",
                ),
            ),
            on_submit=OperationsState.retry_edited,
            class_name="field",
        ),
        class_name="job-opened",
        aria_label="The chosen job",
    )
