"""One file: what its columns mean, how its rows will be stored, and on to an analysis."""

from __future__ import annotations

import reflex as rx

from components import states
from components.delete_file import delete_button
from components.frame import frame
from components.links import download, link
from state.frame import Frame
from state.import_file import FieldRow, ImportFile, PreviewShown

ROUTE = "/imports/[import_id]"
TITLE = "File · Asterism"
ON_LOAD = [Frame.load, ImportFile.load]

HEADS = ("Row", "Text", "Title", "Author", "Date (UTC)", "Community", "In the conversation")


def page() -> rx.Component:
    """Return the page."""
    return frame(
        rx.cond(
            ImportFile.error != "",
            states.error(ImportFile.error, rx.redirect("/imports"), retry="Show all files"),
            rx.cond(
                ImportFile.loaded,
                # The way on stands above the rows: whoever trusts the columns need not pass twenty of them.
                rx.el.div(_facts(), _columns(), _report(), _preview(), class_name="import-page"),
                rx.el.div(states.skeleton(5, "Loading the file"), class_name="panel"),
            ),
        ),
        title=rx.cond(ImportFile.name != "", ImportFile.name, "File"),
        here="files",
        actions=(
            rx.cond(
                ImportFile.loaded & (ImportFile.refusal == "") & (ImportFile.error == ""),
                delete_button(ImportFile.name, ImportFile.remove),
            ),
        ),
    )


def _facts() -> rx.Component:
    return rx.fragment(
        rx.el.div(rx.foreach(ImportFile.facts, _fact), class_name="import-facts quiet"),
        rx.foreach(ImportFile.notes, _note),
        rx.cond(ImportFile.change_problem != "", states.error(ImportFile.change_problem)),
    )


def _fact(words: rx.Var[str]) -> rx.Component:
    return rx.el.span(words)


def _note(words: rx.Var[str]) -> rx.Component:
    return states.partial(words)


def _columns() -> rx.Component:
    return rx.el.section(
        rx.el.h2("What the columns are", class_name="section-title"),
        rx.el.p(rx.cond(ImportFile.refusal != "", ImportFile.refusal, ImportFile.origin), class_name="quiet"),
        rx.el.div(rx.foreach(ImportFile.fields, _field), class_name="columns"),
        rx.cond(ImportFile.asks_order, _order()),
        class_name="panel panel-pad stack-small",
    )


def _field(row: FieldRow) -> rx.Component:
    name = rx.Var.create("field-") + row.name
    return rx.el.div(
        rx.el.label(row.label, html_for=name),
        rx.el.select(
            rx.el.option("none", value=""),
            rx.foreach(ImportFile.columns, lambda column: rx.el.option(column, value=column)),
            id=name,
            value=row.column,
            on_change=lambda column: ImportFile.choose(row.name, column),
            disabled=ImportFile.refusal != "",
            custom_attrs={"aria-describedby": rx.Var.create("hint-") + row.name},
        ),
        rx.el.div(row.hint, id=rx.Var.create("hint-") + row.name, class_name="field-hint"),
        class_name="field",
    )


def _order() -> rx.Component:
    def choice(value: str, label: str, example: str) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="radio",
                name="date-order",
                checked=ImportFile.date_order == value,
                on_change=ImportFile.choose_order(value).stop_propagation,
                disabled=ImportFile.refusal != "",
            ),
            rx.el.span(label),
            rx.el.span(example, class_name="small quiet"),
            class_name="engine",
        )

    return rx.el.fieldset(
        rx.el.legend("In a date like 03/04/2026, what comes first?"),
        rx.el.div(
            choice("day_first", "The day", "3 April 2026"),
            choice("month_first", "The month", "March 4, 2026"),
            class_name="engines",
        ),
        class_name="field",
    )


def _preview() -> rx.Component:
    return rx.el.section(
        rx.el.h2("The first rows, as they will be stored", class_name="section-title"),
        rx.el.div(
            rx.el.table(
                rx.el.thead(rx.el.tr(*[rx.el.th(head, scope="col") for head in HEADS])),
                rx.el.tbody(rx.foreach(ImportFile.preview, _row)),
                class_name="preview",
            ),
            class_name="panel scrolls",
            tab_index=0,
            role="region",
            aria_label="The first rows",
        ),
        class_name="stack-small",
    )


def _row(row: PreviewShown) -> rx.Component:
    return rx.cond(
        row.rejected != "",
        rx.el.tr(
            rx.el.td(row.number),
            rx.el.td(rx.el.span("Not taken: ", row.rejected, class_name="bad"), rx.el.div(row.text), col_span=6),
            class_name="not-taken",
        ),
        rx.el.tr(
            rx.el.td(row.number),
            rx.el.td(row.text),
            rx.el.td(row.title),
            rx.el.td(row.author),
            rx.el.td(row.posted_at, class_name="nowrap"),
            rx.el.td(row.community),
            rx.el.td(row.place),
        ),
    )


def _report() -> rx.Component:
    return rx.el.section(
        rx.el.h2("All rows", class_name="section-title"),
        rx.cond(
            ImportFile.check_problem != "",
            states.error(ImportFile.check_problem, ImportFile.check),
            rx.cond(
                ImportFile.checking, rx.el.p("Looking at every row…", role="status", class_name="quiet"), _counts()
            ),
        ),
        rx.cond(ImportFile.problem != "", states.partial(ImportFile.problem)),
        rx.el.div(
            rx.cond(
                ImportFile.problem == "",
                rx.button(link("Use it in a new analysis", to=ImportFile.use), as_child=True, size="3"),
                rx.button("Use it in a new analysis", disabled=True, size="3"),
            ),
            rx.el.span(
                "A file is real, never SAMPLE: where other places answer with SAMPLE data, it is analysed by itself.",
                class_name="quiet small",
            ),
            class_name="import-next",
        ),
        class_name="panel panel-pad stack-small",
    )


def _counts() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            rx.el.strong(ImportFile.taken),
            rx.cond(ImportFile.span != "", rx.fragment(", ", ImportFile.span)),
            "; ",
            rx.el.strong(ImportFile.out),
            " not taken.",
            role="status",
        ),
        rx.cond(
            ImportFile.reasons.length() > 0,
            rx.fragment(
                rx.el.ul(
                    rx.foreach(ImportFile.reasons, lambda row: rx.el.li(row.rows, ": ", row.reason)),
                    class_name="reasons",
                ),
                rx.el.details(
                    rx.el.summary("Some of them"),
                    rx.el.ul(
                        rx.foreach(
                            ImportFile.samples,
                            lambda row: rx.el.li(
                                "Row ", row.number, ": ", row.reason, ". ", rx.el.span(row.sample, class_name="quiet")
                            ),
                        ),
                        class_name="reasons small",
                    ),
                ),
                download("All rows that are not taken, as CSV", ImportFile.csv),
            ),
        ),
        rx.foreach(ImportFile.report_notes, lambda words: rx.el.p(words, class_name="quiet small")),
    )
