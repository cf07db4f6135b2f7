"""The row of tabs of an analysis: the same on each of its pages."""

from __future__ import annotations

import reflex as rx

from state.analysis import AnalysisState
from state.analysis_summary import TabLink


def tabs() -> rx.Component:
    """Show the tabs as links."""

    def tab(each: rx.Var[TabLink]) -> rx.Component:
        return rx.el.li(
            rx.link(
                each.label,
                rx.cond(each.count != "", rx.el.span(each.count, class_name="tab-count")),
                href=each.href,
                class_name="tab",
                custom_attrs={"aria-current": rx.cond(each.name == AnalysisState.tab, "page", "false")},
            )
        )

    return rx.el.nav(
        rx.el.ul(rx.foreach(AnalysisState.tabs, tab), class_name="tabs"),
        aria_label="Parts of the result",
        class_name="analysis-tabs",
    )
