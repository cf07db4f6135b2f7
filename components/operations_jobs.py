"""Jobs of the whole installation: which, what to do with them, and the whole story of one."""

from __future__ import annotations

import reflex as rx

from components import marks, states
from components.links import link
from components.times import moment
from state.operations import STATE_WORDS, OperationsState
from state.operations_opened import OpenedJob
from state.operations_rows import OperationsJobShown

_STEERS = (
    ("pause", "Pause", "pause"),
    ("resume", "Resume", "play"),
    ("retry", "Retry", "rotate-cw"),
    ("cancel", "Cancel", "ban"),
    ("discard", "Discard", "trash-2"),
)


def section() -> rx.Component:
    """Show the jobs by where they stand, what can be done with the chosen ones, and the one that is open."""
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
            OperationsState.working != "",
            rx.el.div(OperationsState.working, class_name="notice busy list-notice", role="status"),
        ),
        rx.cond(
            OpenedJob.problem != "",
            rx.el.div(OpenedJob.problem, class_name="notice bad list-notice", role="status"),
        ),
        rx.cond(
            OperationsState.outcome != "",
            rx.el.div(
                OperationsState.outcome,
                class_name=rx.cond(OperationsState.outcome_bad, "notice bad list-notice", "notice list-notice"),
                role="status",
            ),
        ),
        # It stands below its row; when that has left the list, above what is left.
        rx.cond((OpenedJob.id != "") & ~OperationsState.ids.contains(OpenedJob.id), _opened()),
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
            rx.button(
                "All that match",
                on_click=OperationsState.choose_everything,
                disabled=OperationsState.refused != "",
                title=rx.cond(
                    OperationsState.refused != "",
                    OperationsState.refused,
                    "Mean every job that matches the filter, also those that are not on this page",
                ),
                variant=rx.cond(OperationsState.everything, "solid", "outline"),
                color_scheme=rx.cond(OperationsState.everything, "iris", "gray"),
                size="1",
                custom_attrs={"aria-pressed": rx.cond(OperationsState.everything, "true", "false")},
            ),
            *[
                rx.button(
                    rx.icon(icon, size=14, aria_hidden="true"),
                    label,
                    on_click=OperationsState.move(move),
                    disabled=((OperationsState.chosen.length() == 0) & ~OperationsState.everything)
                    | (OperationsState.working != "")
                    | (OperationsState.refused != ""),
                    title=rx.cond(
                        OperationsState.refused != "",
                        OperationsState.refused,
                        rx.cond(OperationsState.everything, f"{label} all that match", f"{label} the chosen jobs"),
                    ),
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
        rx.cond(
            (OperationsState.newest_href != "") | (OperationsState.older_href != ""),
            rx.el.nav(
                rx.cond(OperationsState.newest_href != "", rx.link("Newest", href=OperationsState.newest_href)),
                rx.cond(
                    OperationsState.older_href != "",
                    rx.link("Next 50, older", href=OperationsState.older_href, class_name="list-next"),
                ),
                class_name="list-foot",
                aria_label="Pages",
            ),
        ),
    )


def _job(job: rx.Var[OperationsJobShown]) -> rx.Component:
    return rx.fragment(
        _line(job),
        rx.cond(OpenedJob.id == job.id, rx.el.tr(rx.el.td(_opened(), col_span=8), class_name="opened-row")),
        key=job.id,
    )


def _line(job: rx.Var[OperationsJobShown]) -> rx.Component:
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
                on_click=OpenedJob.toggle(job.id),
                type="button",
                class_name="door-button",
                custom_attrs={"aria-expanded": rx.cond(OpenedJob.id == job.id, "true", "false")},
            ),
            rx.el.div(
                rx.cond(job.href != "", rx.link(job.question, href=job.href, underline="always"), job.question),
                " · ",
                job.workspace,
                class_name="quiet small",
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
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _opened() -> rx.Component:
    return rx.el.section(
        rx.el.div(
            rx.el.h3(OpenedJob.label, class_name="section-title"),
            marks.job_status(OpenedJob.status),
            rx.el.button(
                rx.icon("x", size=16, aria_hidden="true"),
                on_click=OpenedJob.toggle(OpenedJob.id),
                type="button",
                class_name="plain-button",
                aria_label="Close this job",
            ),
            class_name="job-opened-head",
        ),
        rx.cond(OpenedJob.said != "", rx.el.div(OpenedJob.said, class_name="notice", role="status")),
        rx.cond(
            OpenedJob.reason != "",
            states.partial(rx.el.span("Given up: ", OpenedJob.reason)),
        ),
        rx.el.ol(
            rx.foreach(
                OpenedJob.lines,
                lambda line: rx.el.li(moment(line["at"], class_name="quiet small"), " ", line["message"]),
            ),
            class_name="job-lines",
        ),
        rx.el.form(
            rx.el.label("What it was asked to do", html_for="payload"),
            rx.el.textarea(
                id="payload",
                name="payload",
                default_value=OpenedJob.payload,
                key=OpenedJob.id,
                rows="8",
                read_only=(OpenedJob.reason == "") | (OperationsState.refused != ""),
                spell_check=False,
                class_name="payload",
            ),
            rx.cond(
                OpenedJob.payload_problem != "",
                rx.el.div(OpenedJob.payload_problem, class_name="field-error", role="alert"),
            ),
            rx.cond(
                OpenedJob.reason != "",
                rx.button(
                    "Retry with this",
                    type="submit",
                    disabled=OperationsState.refused != "",
                    title=OperationsState.refused,
                    size="1",
                ),
            ),
            on_submit=OpenedJob.retry_edited,
            class_name="field",
        ),
        class_name="job-opened",
        aria_label="The chosen job",
    )
