"""The Jobs tab: every unit of work, and how it fares."""

from __future__ import annotations

import reflex as rx

from components import marks, states
from components.times import moment
from state.analysis_jobs import JobsState
from state.analysis_tables import JobRow


def tab() -> rx.Component:
    """Show the Jobs tab."""
    return rx.cond(
        JobsState.problem != "",
        states.error(JobsState.problem),
        rx.cond(
            JobsState.loaded,
            rx.cond(
                JobsState.rows.length() > 0,
                _table(),
                rx.el.div(
                    states.empty("No jobs yet", "They are put in line when the analysis starts.", icon="list-todo"),
                    class_name="panel",
                ),
            ),
            rx.el.div(states.skeleton(6, "Reading the jobs"), class_name="panel"),
        ),
    )


def _table() -> rx.Component:
    heads = ("Job", "Status", "Progress", "Attempts", "Access", "Worker", "Times")
    return rx.el.div(
        rx.cond(
            JobsState.steering_problem != "",
            rx.el.p(JobsState.steering_problem, role="alert", class_name="bad small list-note"),
        ),
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(head, scope="col") for head in heads])),
            rx.el.tbody(rx.foreach(JobsState.rows, _row)),
            class_name="rows jobs",
        ),
        rx.cond(
            JobsState.more > 0,
            rx.el.p(
                "The first 100 jobs; ", JobsState.more, " more are in the API.", class_name="quiet small list-note"
            ),
        ),
        _question(),
        class_name="panel list",
    )


def _question() -> rx.Component:
    """Ask before what cannot be undone."""
    return rx.alert_dialog.root(
        rx.alert_dialog.content(
            rx.alert_dialog.title(
                rx.cond(JobsState.asked_move == "cancel", "Cancel this job?", "Discard this job?"), size="4"
            ),
            rx.alert_dialog.description(JobsState.asked_words, size="2"),
            rx.el.div(
                rx.alert_dialog.cancel(rx.button("Leave it", variant="soft", color_scheme="gray")),
                rx.alert_dialog.action(
                    rx.button(
                        rx.cond(JobsState.asked_move == "cancel", "Cancel the job", "Discard it"),
                        color_scheme="red",
                        on_click=JobsState.confirm,
                    )
                ),
                class_name="dialog-actions",
            ),
            max_width="440px",
        ),
        open=JobsState.asked_words != "",
        on_open_change=JobsState.keep,
    )


def _steering(job: rx.Var[JobRow]) -> rx.Component:
    """Return what can be done with a job where it stands."""
    return rx.el.div(
        rx.match(
            job.status,
            ("queued", _pair(job, "pause", "cancel")),
            ("retrying", _pair(job, "pause", "cancel")),
            ("running", _pair(job, "pause", "cancel")),
            ("paused", _pair(job, "resume", "cancel")),
            ("needs_auth", _pair(job, "resume", "cancel")),
            ("dead", _pair(job, "retry", "discard")),
            rx.fragment(),
        ),
        class_name="job-steering",
    )


def _pair(job: rx.Var[JobRow], *moves: str) -> rx.Component:
    return rx.fragment(
        *[
            rx.button(
                move.capitalize(),
                variant="soft",
                color_scheme="gray",
                size="1",
                aria_label=f"{move.capitalize()}: " + job.label,
                on_click=JobsState.steer(job.id, move),
            )
            for move in moves
        ]
    )


def _row(job: rx.Var[JobRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.div(job.label),
            rx.cond(job.error != "", rx.el.div(job.error, class_name="job-error small bad")),
            _steering(job),
            scope="row",
        ),
        rx.el.td(marks.job_status(job.status)),
        rx.el.td(
            rx.el.div(job.progress, class_name="small"),
            rx.cond(job.percent > 0, marks.meter(job.percent, "progress of this job")),
            custom_attrs={"data-label": "progress"},
        ),
        rx.el.td(job.attempts, custom_attrs={"data-label": "attempts"}),
        rx.el.td(
            rx.cond(
                job.token_source != "",
                rx.el.span(
                    rx.icon("key-round", size=14, aria_hidden="true"), job.token_source, class_name="mark quiet"
                ),
            )
        ),
        rx.el.td(
            job.worker, title=job.worker_name, class_name="small job-worker", custom_attrs={"data-label": "worker"}
        ),
        rx.el.td(
            rx.cond(job.waits_until != "", rx.el.div("due ", moment(job.waits_until))),
            rx.cond(job.started_at != "", rx.el.div("started ", moment(job.started_at))),
            rx.cond(job.finished_at != "", rx.el.div("ended ", moment(job.finished_at))),
            class_name="small quiet nowrap",
        ),
        key=job.id,
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )
