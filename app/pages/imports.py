"""The files that were brought, and the form that brings another."""

from __future__ import annotations

import reflex as rx

from components import states
from components.delete_file import delete_button
from components.frame import frame
from components.links import link
from components.times import moment
from components.upload import upload
from state.frame import Frame
from state.imports import FileRow, Imports

ROUTE = "/imports"
TITLE = "Files · Asterism"
ON_LOAD = [Frame.load, Imports.load]

COLUMNS = (("Name", ""), ("Rows", "number"), ("Comments", "number"), ("Size", "number"), ("Brought", ""), ("", ""))


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.el.div(
            rx.el.section(
                rx.el.h2("Bring a file", class_name="section-title"),
                rx.cond(
                    Imports.refusal != "",
                    rx.el.p(Imports.refusal, class_name="quiet"),
                    upload(Imports.most_bytes, Imports.most),
                ),
                class_name="panel panel-pad stack-small",
            ),
            rx.cond(Imports.error != "", states.error(Imports.error, Imports.load)),
            rx.cond(
                Imports.loaded,
                rx.cond(Imports.rows.length() > 0, _list(), _empty()),
                rx.el.div(states.skeleton(3, "Loading the files"), class_name="panel"),
            ),
            class_name="import-page",
        ),
        title="Files",
        here="files",
    )


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.table(
                rx.el.thead(
                    rx.el.tr(
                        *[
                            rx.el.th(label or rx.el.span("Do", class_name="only-read"), scope="col", class_name=kind)
                            for label, kind in COLUMNS
                        ]
                    )
                ),
                rx.el.tbody(rx.foreach(Imports.rows, _row)),
                class_name="rows jobs files",
            ),
            class_name="panel scrolls",
            tab_index=0,
            role="region",
            aria_label="Files",
        ),
        rx.cond(Imports.older_href != "", rx.link(link("Older →", to=Imports.older_href), as_child=True)),
    )


def _row(row: FileRow) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            link(row.name, to=row.href, class_name="row-link", custom_attrs={"data-row": ""}),
            rx.cond(row.problem != "", rx.el.div(row.problem, class_name="small wait")),
            scope="row",
        ),
        rx.el.td(row.rows, class_name="number", custom_attrs={"data-label": "rows"}),
        rx.el.td(row.comments, class_name="number", custom_attrs={"data-label": "comments"}),
        rx.el.td(row.size, class_name="number", custom_attrs={"data-label": "size"}),
        rx.el.td(moment(row.brought), class_name="quiet nowrap"),
        rx.el.td(
            rx.cond(row.problem == "", rx.link(link("Analyse", to=row.use), as_child=True, size="2")),
            rx.cond(Imports.refusal == "", delete_button(row.name, Imports.remove(row.id))),
            class_name="number",
        ),
    )


def _empty() -> rx.Component:
    return rx.el.div(
        states.empty(
            "No files yet",
            "Comments from a survey, an app store or a forum of your own can be analysed like any other place.",
            icon="file-text",
        ),
        class_name="panel",
    )
