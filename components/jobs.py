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
        class_name="panel list",
    )


def _row(job: rx.Var[JobRow]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.div(job.label),
            rx.el.div(job.kind, class_name="quiet small"),
            rx.cond(job.error != "", rx.el.div(job.error, class_name="job-error small bad")),
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
