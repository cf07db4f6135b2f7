"""Charts. Plotly alone lives here: a page loads its 350 kB only where a chart is shown, and never without one.

Each chart stands in a box of fixed height beside its table twin; the arrow keys switch between the two.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from app.services.pipeline.item_words import COUNTING, COUNTING_RULE, SCORED, SCORED_RULE
from components import palette
from components.analysis_doors import door
from state.analysis_overview import OverviewState
from state.analysis_tables import StackRow
from state.figures import SENTIMENTS

HEIGHT = "320px"
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}


def items_per_day() -> rx.Component:
    """Show how many items were written on each day, by sentiment."""
    return _with_table(
        "Items per day",
        f"{COUNTING}, by the day they were written, in UTC; split by sentiment",
        _chart(
            OverviewState.days_figure,
            OverviewState.open_day,
            "Stacked bars: items per day by sentiment. The table beside it holds the same numbers.",
            xaxis={"type": "date", "fixedrange": True, "tickformat": "%-d %b", "nticks": 8},
            yaxis={"fixedrange": True, "rangemode": "tozero", "nticks": 5},
            margin={"l": 44, "r": 8, "t": 8, "b": 28},
        ),
        _table("Day", OverviewState.days),
        rx.cond(
            OverviewState.earlier_days > 0,
            rx.el.p(
                "The last 100 days with items; ",
                OverviewState.earlier_days,
                " earlier ones are in the Items tab.",
                class_name="quiet small chart-note",
            ),
        ),
    )


def topics_by_size() -> rx.Component:
    """Show the topics, the largest on top, by sentiment."""
    return _with_table(
        "Topics by size",
        f"{SCORED} in each topic; split by sentiment",
        _chart(
            OverviewState.topics_figure,
            OverviewState.open_topic,
            "Stacked bars: items in each topic by sentiment. The table beside it holds the same numbers.",
            xaxis={"fixedrange": True, "rangemode": "tozero", "nticks": 5},
            yaxis={
                "fixedrange": True,
                "autorange": "reversed",
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
            },
            margin={"l": 8, "r": 8, "t": 8, "b": 28},
        ),
        _table("Topic", OverviewState.topics),
        rx.cond(
            OverviewState.more_topics > 0,
            rx.el.p(
                "The 12 largest; the table has ",
                OverviewState.more_topics,
                " more.",
                class_name="quiet small chart-note",
            ),
        ),
    )


def _chart(figure: Any, on_bar: Any, words: str, **axes: dict[str, Any]) -> rx.Component:
    return rx.el.div(
        rx.plotly.basic(
            data=figure,
            layout=rx.color_mode_cond(light=_layout("light", axes), dark=_layout("dark", axes)),
            template=None,
            config=_CONFIG,
            on_click=lambda points: on_bar(*_bar(points)),
            width="100%",
            height=HEIGHT,
        ),
        role="img",
        aria_label=words,
        class_name="chart",
        style={"height": HEIGHT},
    )


def _bar(points: Any) -> tuple[Any, Any]:
    first = points.to(list[dict[str, int]])[0]
    return first["pointIndex"], first["curveNumber"]


def _layout(mode: str, axes: dict[str, dict[str, Any]]) -> Any:
    ink, grid, hover = ("#60646C", "#E0E1E6", "#FFFFFF") if mode == "light" else ("#B0B4BA", "#2E3135", "#212225")
    lines = {"gridcolor": grid, "linecolor": grid, "zerolinecolor": grid}
    return rx.Var.create(
        {
            **axes,
            "xaxis": {**lines, **axes["xaxis"]},
            "yaxis": {**lines, **axes["yaxis"]},
            "barmode": "stack",
            "bargap": 0.25,
            "colorway": [palette.SENTIMENT[sentiment] for sentiment in SENTIMENTS],
            "font": {"family": "Inter, system-ui, sans-serif", "size": 12, "color": ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "legend": {"orientation": "h", "x": 0, "y": -0.12, "yanchor": "top", "traceorder": "normal"},
            "hoverlabel": {"bgcolor": hover, "bordercolor": grid, "font": {"color": ink, "size": 12}},
            "autosize": True,
            "dragmode": False,
        }
    )


def _with_table(title: str, note: str, chart: rx.Component, table: rx.Component, *below: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.tabs.root(
            rx.el.div(
                rx.el.div(
                    rx.el.h2(title, class_name="section-title"),
                    rx.el.p(note, class_name="quiet small", title=f"{SCORED_RULE} {COUNTING_RULE}"),
                    class_name="chart-words",
                ),
                rx.tabs.list(
                    rx.tabs.trigger("Chart", value="chart"),
                    rx.tabs.trigger("Table", value="table"),
                    size="1",
                    aria_label=f"{title}: as a chart or as a table",
                ),
                class_name="chart-head",
            ),
            rx.tabs.content(chart, value="chart"),
            rx.tabs.content(table, value="table"),
            default_value="chart",
        ),
        *below,
        class_name="panel panel-pad",
    )


def _table(first: str, rows: Any) -> rx.Component:
    heads = [rx.el.th(name.capitalize(), scope="col", class_name="number") for name in ("items", *SENTIMENTS)]

    def row(each: rx.Var[StackRow]) -> rx.Component:
        href = OverviewState.items_href + "&" + each.only
        cells = [
            door(each.counts[place], href + f"&sentiment={sentiment}") for place, sentiment in enumerate(SENTIMENTS)
        ]
        return rx.el.tr(
            rx.el.th(each.label, scope="row"),
            *[rx.el.td(cell, class_name="number") for cell in (door(each.total, href), *cells)],
        )

    return rx.el.div(
        rx.el.table(
            rx.el.thead(rx.el.tr(rx.el.th(first, scope="col"), *heads)),
            rx.el.tbody(rx.foreach(rows, row)),
            class_name="rows",
        ),
        class_name="chart-table",
        style={"height": HEIGHT},
        tab_index=0,
        role="region",
        aria_label=f"{first}: the numbers of the chart",
    )
