"""The first page: what was asked so far, and the button that asks more."""

from __future__ import annotations

import reflex as rx

from components import marks, states
from components.connection import connection_mark
from components.frame import frame
from components.links import link
from components.times import moment
from state.frame import Frame
from state.home import Home, HomeRow

ROUTE = "/"
TITLE = "Analyses · Asterism"
ON_LOAD = [Frame.load, Home.watch]

COLUMNS = (
    ("Question", ""),
    ("Status", ""),
    ("Progress", ""),
    ("Items", "number"),
    ("Opportunities", "number"),
    ("Cost of cap", "number"),
    ("Started", "number"),
)


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.cond(
            Home.error != "",
            rx.cond(
                Home.further_back,
                states.error(Home.error, rx.redirect("/"), retry="Show the newest"),
                states.error(Home.error),
            ),
            rx.cond(Home.loaded, rx.cond(Home.rows.length() > 0, _list(), _empty()), _skeleton()),
        ),
        title="Analyses",
        here="analyses",
        connection=connection_mark(Home.mode, Home.every_seconds),
        actions=(rx.cond(Home.blank, rx.fragment(), rx.el.span(_new_button(), class_name="hide-phone")),),
    )


def _new_button() -> rx.Component:
    return rx.button(link(rx.icon("plus", size=16, aria_hidden="true"), "New analysis", to="/new"), as_child=True)


def _list() -> rx.Component:
    newest = link("← Newest", to="/")
    older = link("Older →", to=Home.older_href)
    return rx.fragment(
        _table(rx.el.tbody(rx.foreach(Home.rows, _row))),
        rx.el.nav(
            rx.cond(Home.further_back, rx.link(newest, as_child=True), rx.el.span()),
            rx.cond(Home.older_href != "", rx.link(older, as_child=True), rx.el.span()),
            class_name="list-foot",
            aria_label="Pages of the list",
        ),
    )


def _table(body: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.colgroup(*[rx.el.col(class_name=kind) for _, kind in COLUMNS]),
            rx.el.thead(rx.el.tr(*[rx.el.th(label, scope="col", class_name=kind) for label, kind in COLUMNS])),
            body,
            class_name="analyses",
        ),
        class_name="panel",
    )


def _row(row: HomeRow) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            link(row.question, to=row.href, class_name="row-link", title=row.question, custom_attrs={"data-row": ""}),
            rx.el.div(
                rx.cond(row.sample, marks.sample()), rx.el.span(row.sources, class_name="clip"), class_name="under"
            ),
        ),
        rx.el.td(marks.analysis_status(row.status)),
        rx.el.td(
            rx.el.div(
                marks.meter(row.percent, "Progress", row.tone),
                rx.el.span(row.percent, " %", class_name="quiet small"),
                class_name="progress-cell",
            ),
        ),
        rx.el.td(row.item_count, class_name="number", custom_attrs={"data-label": "items"}),
        rx.el.td(row.opportunities, class_name="number", custom_attrs={"data-label": "opportunities"}),
        rx.el.td(row.spent, rx.el.span(" of ", row.cap, class_name="quiet"), class_name="number nowrap"),
        rx.el.td(moment(row.created_at), class_name="number quiet nowrap"),
    )


def _empty() -> rx.Component:
    return rx.el.div(
        states.empty(
            "No analyses yet",
            "Ask what a community wants; the answer, with the words of the people who said it, will be listed here.",
            _new_button(),
            icon="messages-square",
        ),
        class_name="panel",
    )


def _skeleton() -> rx.Component:
    def bones() -> rx.Component:
        return rx.el.tr(
            rx.el.td(states.bone("62%", "14px"), rx.el.div(states.bone("34%"), class_name="under")),
            *[rx.el.td(states.bone("70%"), class_name=kind) for _, kind in COLUMNS[1:]],
        )

    return rx.el.div(
        rx.el.span("Loading the analyses", class_name="only-read"),
        _table(rx.el.tbody(*[bones() for _ in range(5)])),
        role="status",
        aria_busy="true",
    )
