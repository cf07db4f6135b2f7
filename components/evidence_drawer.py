"""The drawer of one opportunity: what speaks for it and against it, and what would change the verdict."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import marks, states
from components.times import moment
from state.analysis_evidence import EvidenceState
from state.analysis_quotes import Card, EvidenceRow, LeftOutRow


def verification(verified: Any) -> rx.Component:
    """Say how a quote was checked."""
    return rx.cond(verified == "repaired", marks.repaired(), marks.verified())


def drawer(card: rx.Var[Card]) -> rx.Component:
    """Show the button that opens the drawer, and the drawer."""
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.button(rx.icon("quote", size=14, aria_hidden="true"), card.evidence, variant="soft", size="2")
        ),
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title(card.title, size="4", margin="0"),
                rx.dialog.close(
                    rx.el.button(
                        rx.icon("x", size=16), type="button", class_name="plain-button", aria_label="Close the evidence"
                    )
                ),
                class_name="drawer-head",
            ),
            rx.dialog.description(
                "Every quote is marked inside the whole of what was said. Check for yourself.",
                size="2",
                class_name="quiet",
            ),
            _drawer_content(),
            class_name="drawer",
        ),
        open=EvidenceState.opportunity_id == card.id,
        on_open_change=lambda is_open: EvidenceState.toggle(is_open, card.id),
    )


def _drawer_content() -> rx.Component:
    return rx.cond(
        EvidenceState.problem != "",
        states.error(EvidenceState.problem),
        rx.cond(
            EvidenceState.loaded,
            rx.el.div(
                rx.cond(
                    EvidenceState.against_first,
                    rx.fragment(_against(), _for(), _doubt()),
                    rx.fragment(_doubt(), _for(), _against()),
                ),
                rx.cond(
                    EvidenceState.left_out > 0,
                    states.partial(
                        rx.el.span(
                            "The first 50 of each are shown; ", EvidenceState.left_out, " more are in the export."
                        )
                    ),
                ),
                class_name="drawer-lists",
            ),
            states.skeleton(4, "Reading the evidence"),
        ),
    )


def _doubt() -> rx.Component:
    return rx.el.section(
        rx.cond(EvidenceState.doubt != "", rx.el.p(EvidenceState.doubt)),
        rx.cond(EvidenceState.mind != "", rx.el.p(EvidenceState.mind)),
        rx.cond(
            EvidenceState.mind_rows.length() > 0,
            rx.el.details(
                rx.el.summary(EvidenceState.mind_words, class_name="receipt-more"),
                rx.el.ol(rx.foreach(EvidenceState.mind_rows, _left_out_row), class_name="evidence"),
            ),
        ),
    )


def _left_out_row(row: rx.Var[LeftOutRow]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row.author), rx.el.span(row.community), moment(row.posted_at), class_name="quiet small quote-by"
        ),
        rx.el.p(row.clip, class_name="evidence-text"),
        key=row.item_id,
        class_name="evidence-row",
    )


def _for() -> rx.Component:
    return _evidence_list("For it", EvidenceState.for_it, "No quote speaks for it.")


def _against() -> rx.Component:
    return _evidence_list("Against it", EvidenceState.against_it, "Nothing was found that speaks against it.")


def _evidence_list(title: str, rows: Any, none: str) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, " (", rows.length(), ")", class_name="section-title"),
        rx.cond(
            rows.length() > 0,
            rx.el.ol(rx.foreach(rows, whole_item), class_name="evidence"),
            rx.el.p(none, class_name="quiet"),
        ),
    )


def whole_item(row: rx.Var[EvidenceRow]) -> rx.Component:
    """Show a quote marked inside the whole of its item."""
    return rx.el.li(
        rx.el.div(
            verification(row.verified),
            rx.el.span(row.author),
            rx.el.span(row.community),
            moment(row.posted_at),
            rx.cond(
                row.permalink != "",
                rx.el.a(
                    "where it was said",
                    rx.icon("external-link", size=12, aria_hidden="true"),
                    href=row.permalink,
                    target="_blank",
                    rel="noopener noreferrer nofollow",
                    class_name="out",
                ),
            ),
            class_name="quiet small quote-by",
        ),
        rx.cond(row.title != "", rx.el.div(row.title, class_name="evidence-title")),
        # Foreign words stay text: three pieces, never markup.
        rx.el.p(
            rx.el.span(row.before),
            rx.el.mark(row.quote),
            rx.el.span(row.after),
            class_name="evidence-text",
        ),
        rx.cond(row.cut, rx.el.p("The text is longer; it is whole where it was said.", class_name="quiet small")),
        class_name="evidence-row",
    )
