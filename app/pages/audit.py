"""Who did what in the workspace, for its owner and admins."""

from __future__ import annotations

import reflex as rx

from app.services.audit_words import KIND_WORDS
from components import states
from components.frame import frame
from components.links import download, link
from components.times import moment
from state.audit import ActShown, Audit, address
from state.frame import Frame

ROUTE = "/audit"
TITLE = "Audit · Asterism"
ON_LOAD = [Frame.load, Audit.load]

COLUMNS = ("What", "On what", "Who", "When")


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.cond(
            Audit.problem != "",
            _problem(),
            rx.fragment(
                _kinds(),
                rx.cond(Audit.loaded & (Audit.rows.length() > 0), _head()),
                rx.el.div(
                    rx.cond(Audit.loaded, rx.cond(Audit.rows.length() > 0, _list(), _empty()), _skeleton()),
                    class_name="panel",
                ),
                _foot(),
            ),
        ),
        title="Audit",
        here="audit",
    )


def _kinds() -> rx.Component:
    def tab(name: str, label: str) -> rx.Component:
        return rx.el.li(
            link(
                label,
                to=address(name),
                class_name="tab",
                custom_attrs={"aria-current": rx.cond(Audit.kind == name, "page", "false")},
            )
        )

    return rx.el.nav(
        rx.el.ul(*[tab(name, label) for name, label in [("", "All"), *KIND_WORDS.items()]], class_name="tabs"),
        aria_label="Which acts",
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.button(
            "Verify the trail",
            on_click=Audit.verify,
            loading=Audit.verifying,
            variant="soft",
            size="1",
            title="Goes through the seals of all acts of this workspace",
        ),
        rx.el.span(
            Audit.verdict,
            class_name=rx.cond(Audit.is_broken, "audit-verdict bad", "audit-verdict quiet"),
            role="status",
        ),
        download("CSV of these", Audit.csv_href),
        class_name="list-head",
    )


def _table(body: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(*[rx.el.th(label, scope="col") for label in COLUMNS])),
            body,
            class_name="rows jobs audit",
        ),
        class_name="scrolls",
    )


def _list() -> rx.Component:
    return rx.el.div(_table(rx.el.tbody(rx.foreach(Audit.rows, _row))), role="region", aria_label="Audit", tab_index=0)


def _row(row: ActShown) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.what, rx.cond(row.detail != "", rx.el.div(row.detail, class_name="under")), scope="row"),
        rx.el.td(
            rx.cond(
                row.href != "",
                rx.link(link(row.on, to=row.href, custom_attrs={"data-row": ""}), as_child=True),
                row.on,
            ),
            class_name="audit-on",
        ),
        rx.el.td(row.who, rx.cond(row.operator, rx.el.div("runs this Asterism", class_name="under"))),
        rx.el.td(moment(row.at), class_name="quiet nowrap"),
    )


def _foot() -> rx.Component:
    newest = link("← Newest", to=Audit.newest_href)
    older = link("Older →", to=Audit.older_href)
    return rx.el.nav(
        rx.cond(Audit.newest_href != "", rx.link(newest, as_child=True), rx.el.span()),
        rx.cond(Audit.older_href != "", rx.link(older, as_child=True), rx.el.span()),
        class_name="list-foot",
        aria_label="Pages of the list",
    )


def _problem() -> rx.Component:
    return rx.cond(
        Audit.newest_href != "",
        states.error(Audit.problem, rx.redirect("/audit"), retry="Show the newest"),
        rx.cond(Audit.may_retry, states.error(Audit.problem, Audit.load), states.error(Audit.problem)),
    )


def _empty() -> rx.Component:
    everything = rx.link(link("Show everything", to=address("")), as_child=True)
    return rx.cond(
        Audit.kind != "",
        states.empty(
            "Nothing of this kind",
            "What people and keys do of this kind will stand here, with who did it and when.",
            everything,
            icon="scroll-text",
        ),
        states.empty(
            "Nothing was done yet",
            "What people and keys do in this workspace will stand here, with who did it and when.",
            icon="scroll-text",
        ),
    )


def _skeleton() -> rx.Component:
    bones = rx.el.tr(
        rx.el.th(states.bone("60%", "14px"), scope="row"), *[rx.el.td(states.bone("70%")) for _ in COLUMNS[1:]]
    )
    return rx.el.div(
        rx.el.span("Loading the audit trail", class_name="only-read"),
        _table(rx.el.tbody(*[bones for _ in range(5)])),
        role="status",
        aria_busy="true",
    )
