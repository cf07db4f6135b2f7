"""The Cost tab: spent against cap, estimate against actual, and the ledger."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components import states
from state.analysis_costs import CostsState
from state.analysis_tables import BandRow, CostRow


def tab() -> rx.Component:
    """Show the Cost tab."""
    return rx.cond(
        CostsState.problem != "",
        states.error(CostsState.problem),
        rx.cond(
            CostsState.loaded,
            rx.el.div(_sums(), _bands(), _ledger(), class_name="stack"),
            rx.el.div(states.skeleton(5, "Reading the ledger"), class_name="panel"),
        ),
    )


def _sums() -> rx.Component:
    sums = (
        ("spent", CostsState.spent, "settled in the ledger"),
        ("held", CostsState.reserved, "for calls under way"),
        ("cap", CostsState.cap, "is never passed"),
        ("left", CostsState.left, "before it would stop"),
    )
    return rx.el.ul(
        *[
            rx.el.li(
                rx.el.div(value, class_name="tile-number"),
                rx.el.div(label, class_name="tile-label"),
                rx.el.div(note, class_name="quiet small"),
                class_name="tile",
            )
            for label, value, note in sums
        ],
        class_name="tiles panel",
    )


def _bands() -> rx.Component:
    def row(band: rx.Var[BandRow]) -> rx.Component:
        verdict = rx.match(
            band.verdict,
            ("", rx.el.span(CostsState.unfinished, class_name="quiet")),
            ("inside the band", _judged("check", band.verdict, "good")),
            ("below the band", _judged("arrow-down", band.verdict, "quiet")),
            _judged("arrow-up", band.verdict, "wait"),
        )
        return rx.el.tr(
            rx.el.th(band.measure, scope="row"),
            rx.el.td(band.expected, class_name="number", custom_attrs={"data-label": "estimate"}),
            rx.el.td(band.actual, class_name="number", custom_attrs={"data-label": "actual"}),
            rx.el.td(verdict),
        )

    return rx.el.section(
        rx.el.h2("Estimate against what it took", class_name="section-title"),
        rx.cond(
            CostsState.bands.length() > 0,
            rx.el.div(
                rx.el.div(
                    rx.el.table(
                        _heads("", "Estimate", "Actual", ""),
                        rx.el.tbody(rx.foreach(CostsState.bands, row)),
                        class_name="rows stacks",
                    ),
                    class_name="scroll-x",
                    tab_index=0,
                    role="region",
                    aria_label="Estimate against what it took",
                ),
                rx.cond(
                    CostsState.assumptions.length() > 0,
                    rx.el.details(
                        rx.el.summary("What the estimate rested on"),
                        rx.el.ul(rx.foreach(CostsState.assumptions, rx.el.li)),
                        class_name="why small",
                    ),
                ),
                class_name="stack-small",
            ),
            rx.el.p("It was started without an estimate, so there is nothing to compare.", class_name="quiet"),
        ),
        class_name="panel panel-pad stack-small",
    )


def _judged(icon: str, words: Any, tone: str) -> rx.Component:
    return rx.el.span(rx.icon(icon, size=14, aria_hidden="true"), words, class_name=f"mark {tone}")


def _ledger() -> rx.Component:
    def row(line: rx.Var[CostRow]) -> rx.Component:
        return rx.el.tr(
            rx.el.th(line.step, scope="row"),
            rx.el.td(line.provider),
            rx.el.td(line.quantity, class_name="number"),
            rx.el.td(line.unit_price, class_name="number", custom_attrs={"data-label": "at"}),
            rx.el.td(line.amount, class_name="number", custom_attrs={"data-label": "amount"}),
            rx.el.td("prices of ", line.price_list, class_name="quiet"),
        )

    return rx.el.section(
        rx.el.h2("Ledger", class_name="section-title"),
        rx.cond(
            CostsState.lines.length() > 0,
            rx.el.div(
                rx.el.table(
                    _heads("Step", "Provider", "Quantity", "Unit price", "Amount", "Price list", numbers=(2, 3, 4)),
                    rx.el.tbody(rx.foreach(CostsState.lines, row)),
                    class_name="rows stacks",
                ),
                class_name="scroll-x",
                tab_index=0,
                role="region",
                aria_label="Lines of the ledger",
            ),
            rx.el.p("No line yet: nothing that costs money was called. The local engine is free.", class_name="quiet"),
        ),
        rx.cond(
            CostsState.more > 0,
            rx.el.p("The first 100 lines; ", CostsState.more, " more are in the API.", class_name="quiet small"),
        ),
        class_name="panel panel-pad stack-small",
    )


def _heads(*names: str, numbers: tuple[int, ...] = (1, 2)) -> rx.Component:
    return rx.el.thead(
        rx.el.tr(
            *[
                rx.el.th(name, scope="col", class_name="number" if place in numbers else "") if name else rx.el.td()
                for place, name in enumerate(names)
            ]
        )
    )
