"""The question field, the answer with its citations, and what was asked before."""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services.pipeline.understanding import LONGEST
from app.services.question_shapes import LONGEST_NAME
from components import marks, opportunity, states
from components.times import moment
from state.ask import AskState
from state.ask_shown import AskedRow, Chip, Group, Sentence, Source, TableRow

_LEFT, _RIGHT = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"


def panel() -> rx.Component:
    """Show the page below its tabs."""
    return rx.cond(
        AskState.problem != "",
        states.error(AskState.problem),
        rx.el.div(
            _form(),
            rx.cond(AskState.asking_problem != "", states.error(AskState.asking_problem)),
            rx.cond(
                AskState.busy,
                rx.el.div(states.skeleton(4, "Searching the items"), class_name="panel"),
                rx.cond(
                    AskState.shown.id != "",
                    _answer(),
                    rx.cond(AskState.loaded, _none(), rx.el.div(states.skeleton(4), class_name="panel")),
                ),
            ),
            _lists(),
            class_name="stack",
        ),
    )


def _form() -> rx.Component:
    return rx.el.section(
        rx.el.form(
            rx.el.label("Ask these items", html_for="ask-text", class_name="field-label"),
            rx.el.div(
                rx.input(
                    id="ask-text",
                    name="text",
                    type="search",
                    placeholder="What do people complain about?",
                    value=AskState.text,
                    on_change=AskState.write,
                    max_length=LONGEST,
                    size="3",
                    auto_complete=False,
                    # What is written before the page knows its analysis would be lost.
                    disabled=(AskState.refused != "") | ~AskState.loaded,
                    custom_attrs={"data-keys": "/", "aria-describedby": "ask-hint"},
                ),
                rx.button(
                    "Ask",
                    type="submit",
                    size="3",
                    loading=AskState.busy,
                    disabled=(AskState.refused != "") | ~AskState.loaded,
                ),
                class_name="field-row",
            ),
            rx.el.p(
                rx.cond(
                    AskState.refused != "",
                    AskState.refused,
                    "Answered from the collected items alone, each sentence with its source. Ask in English, with the "
                    "words that people would use. Limits such as a community, \u201cnegative\u201d or \u201clast "
                    "week\u201d are understood.",
                ),
                id="ask-hint",
                class_name="field-hint",
            ),
            on_submit=AskState.ask,
            class_name="field",
        ),
        class_name="panel panel-pad",
        aria_label="Ask a question",
    )


def _none() -> rx.Component:
    return rx.el.section(
        rx.el.h2("Questions to start with", class_name="section-title"),
        rx.cond(
            AskState.suggestions.length() > 0,
            rx.el.ul(
                rx.foreach(
                    AskState.suggestions,
                    lambda text: rx.el.li(
                        rx.button(
                            rx.icon("message-circle-question", size=14, aria_hidden="true"),
                            text,
                            on_click=AskState.ask_this(text),
                            variant="soft",
                            disabled=AskState.refused != "",
                            class_name="ask-suggestion",
                        )
                    ),
                ),
                class_name="ask-suggestions",
            ),
            rx.el.p("No topics were found here, so there is nothing to suggest. Ask anything.", class_name="quiet"),
        ),
        class_name="panel panel-pad stack-small",
    )


def _answer() -> rx.Component:
    shown = AskState.shown
    return rx.el.section(
        rx.el.header(
            rx.el.h2(shown.text, class_name="ask-question"),
            rx.el.div(
                rx.cond(
                    shown.found,
                    marks.engine(shown.engine),
                    rx.el.span(
                        rx.icon("search-x", size=14, aria_hidden="true"), "Not in the data", class_name="mark wait"
                    ),
                ),
                rx.el.span("asked ", moment(shown.asked_at), class_name="quiet small"),
                class_name="card-marks",
            ),
        ),
        _limits(),
        rx.cond(
            shown.asking,
            rx.el.p(
                "A model words an answer; what the items say by themselves is below.",
                class_name="notice busy",
                role="status",
            ),
        ),
        rx.cond(shown.note != "", states.partial(shown.note)),
        rx.cond(shown.change != "", rx.el.p(shown.change, class_name="quiet")),
        rx.cond(shown.found, _found(), _missing()),
        _actions(),
        class_name="panel panel-pad stack-small",
        aria_label="Answer",
        aria_live="polite",
    )


def _limits() -> rx.Component:
    def chip(each: rx.Var[Chip]) -> rx.Component:
        return rx.el.li(
            "only ",
            each.words,
            rx.el.button(
                rx.icon("x", size=12, aria_hidden="true"),
                type="button",
                class_name="chip-x",
                aria_label="Take away the limit: " + each.words,
                on_click=AskState.widen(each.name),
            ),
            class_name="chip",
        )

    def removed(each: rx.Var[Chip]) -> rx.Component:
        return rx.el.li(
            rx.el.s(each.words),
            rx.el.button(
                rx.icon("undo-2", size=12, aria_hidden="true"),
                type="button",
                class_name="chip-x",
                aria_label="Use the limit again: " + each.words,
                on_click=AskState.narrow(each.name),
            ),
            class_name="chip quiet",
        )

    return rx.cond(
        (AskState.shown.scopes.length() > 0) | (AskState.shown.removed.length() > 0),
        rx.el.ul(
            rx.foreach(AskState.shown.scopes, chip),
            rx.foreach(AskState.shown.removed, removed),
            class_name="chips",
            aria_label="Limits read from the question",
        ),
    )


def _found() -> rx.Component:
    shown = AskState.shown
    return rx.fragment(
        rx.cond(
            shown.headline != "",
            rx.el.p(
                rx.cond(
                    shown.items_href != "",
                    rx.link(shown.headline, href=shown.items_href, class_name="door-words"),
                    shown.headline,
                ),
                class_name="ask-headline",
            ),
        ),
        rx.cond(shown.table.length() > 0, _table()),
        rx.foreach(shown.groups, _group),
    )


def _table() -> rx.Component:
    shown = AskState.shown

    def row(each: rx.Var[TableRow]) -> rx.Component:
        return rx.el.tr(
            rx.el.th(each.label, scope="row"),
            rx.el.td(
                rx.cond(
                    each.href != "", rx.link(each.item_count, href=each.href, class_name="door-number"), each.item_count
                ),
                class_name="number",
            ),
            rx.el.td(marks.meter(each.percent, each.label), class_name="ask-bar"),
            rx.el.td(each.authors, class_name="quiet ask-authors"),
        )

    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th(shown.table_title, scope="col"),
                    rx.el.th("Items", scope="col", class_name="number"),
                    rx.el.th(rx.el.span("Share", class_name="only-read"), scope="col", class_name="ask-bar"),
                    rx.el.th("By", scope="col", class_name="ask-authors"),
                )
            ),
            rx.el.tbody(rx.foreach(shown.table, row)),
            class_name="ask-table",
        ),
        rx.cond(shown.table_more != "", rx.el.p(shown.table_more, class_name="quiet small")),
        class_name="scroll-x",
    )


def _group(group: rx.Var[Group]) -> rx.Component:
    return rx.el.section(
        rx.cond(
            group.title != "",
            rx.el.h3(
                rx.cond(group.href != "", rx.link(group.title, href=group.href, class_name="door-words"), group.title),
                class_name="ask-group-title",
            ),
        ),
        rx.el.ul(rx.foreach(group.sentences, _sentence), class_name="ask-sentences"),
        class_name=rx.cond(group.against, "ask-group ask-against", "ask-group"),
    )


def _sentence(sentence: rx.Var[Sentence]) -> rx.Component:
    return rx.el.li(
        # Foreign words stay text, never markup.
        rx.cond(sentence.quoted, rx.el.q(sentence.words), rx.el.p(sentence.words)),
        rx.el.span(rx.foreach(sentence.sources, _source), class_name="ask-sources"),
        tab_index=-1,
        custom_attrs={"data-row": ""},
    )


def _source(source: rx.Var[Source]) -> rx.Component:
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.el.button(
                opportunity.verification(source.verified),
                rx.el.span(source.author),
                rx.el.span(source.community),
                moment(source.posted_at),
                type="button",
                class_name="ask-source quiet small",
            )
        ),
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title("What was said", size="4", margin="0"),
                rx.dialog.close(
                    rx.el.button(
                        rx.icon("x", size=16), type="button", class_name="plain-button", aria_label="Close the item"
                    )
                ),
                class_name="drawer-head",
            ),
            rx.dialog.description("The quote is marked inside the whole of the item.", size="2", class_name="quiet"),
            rx.cond(
                AskState.source_problem != "",
                states.error(AskState.source_problem),
                rx.cond(
                    AskState.rows.length() > 0,
                    rx.el.ol(rx.foreach(AskState.rows, opportunity.whole_item), class_name="evidence"),
                    states.skeleton(2, "Reading the item"),
                ),
            ),
            class_name="drawer",
        ),
        open=AskState.source == source.place,
        on_open_change=lambda is_open: AskState.open_source(is_open, source.place),
    )


def _missing() -> rx.Component:
    return rx.el.div(
        rx.foreach(AskState.shown.missing, rx.el.p),
        class_name="ask-missing",
    )


def _actions() -> rx.Component:
    shown = AskState.shown
    return rx.el.footer(
        rx.cond(
            shown.saved_as != "",
            rx.el.span(
                rx.icon("bookmark-check", size=14, aria_hidden="true"),
                "saved as ",
                rx.el.b(shown.saved_as),
                _small("Remove from saved", AskState.drop),
                class_name="mark",
            ),
            rx.el.form(
                rx.el.label("Save as", html_for="ask-name", class_name="only-read"),
                rx.input(
                    id="ask-name",
                    name="name",
                    placeholder="Save as …",
                    max_length=LONGEST_NAME,
                    size="2",
                    key=shown.id,
                ),
                rx.button("Save", type="submit", variant="soft", size="2"),
                on_submit=AskState.keep,
                class_name="field-row ask-save",
            ),
        ),
        rx.el.span(
            _small("Ask again", AskState.again(shown.id)),
            _small("Delete", AskState.delete, colour="red"),
            class_name="ask-buttons",
        ),
        class_name="card-foot",
    )


def _small(label: str, on_click: Any, *, colour: Any = "gray") -> rx.Component:
    return rx.button(
        label, on_click=on_click, variant="ghost", color_scheme=colour, size="2", disabled=AskState.refused != ""
    )


def _lists() -> rx.Component:
    return rx.fragment(
        rx.cond(AskState.saved.length() > 0, _list("Saved questions", AskState.saved)),
        rx.cond(AskState.history.length() > 0, _list("Asked before", AskState.history)),
    )


def _list(title: str, rows: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="section-title"),
        rx.el.ol(rx.foreach(rows, _asked), class_name="ask-list"),
        class_name="panel panel-pad stack-small",
    )


def _asked(row: rx.Var[AskedRow]) -> rx.Component:
    return rx.el.li(
        rx.link(
            rx.cond(row.name != "", rx.el.b(row.name, ": ")),
            row.text,
            href=row.href,
            class_name="ask-link",
            custom_attrs={"data-row": "", "aria-current": rx.cond(row.id == AskState.shown.id, "true", "false")},
        ),
        rx.el.span(
            row.outcome,
            rx.cond(row.here, "", ", in another analysis"),
            ", ",
            moment(row.asked_at),
            class_name="quiet small",
        ),
        rx.cond(row.here, rx.fragment(), _small("Ask here", AskState.again(row.id))),
        key=row.id,
    )
