"""What an answer found: a count with its table, sentences, and the items that they rest on."""

from __future__ import annotations

import reflex as rx

from components import evidence_drawer, marks, states
from components.times import moment
from state.ask import AskState
from state.ask_shown import Group, Sentence, Source, TableRow


def found() -> rx.Component:
    """Show it; foreign words stay text."""
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
                evidence_drawer.verification(source.verified),
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
                    rx.el.ol(rx.foreach(AskState.rows, evidence_drawer.whole_item), class_name="evidence"),
                    states.skeleton(2, "Reading the item"),
                ),
            ),
            class_name="drawer",
        ),
        open=AskState.source == source.place,
        on_open_change=lambda is_open: AskState.open_source(is_open, source.place),
    )
