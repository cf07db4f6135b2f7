"""The map: points, what their colours mean, the table twin, and the items that are selected."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_plotly.plotly import PlotlyBasic  # type: ignore[import-untyped]

from app.services.pipeline.item_words import COUNTING_RULE, SCORED_RULE
from components import constellation_selection, palette, states
from state.analysis import AnalysisState
from state.constellation import ConstellationState, TopicRow
from state.constellation_figure import TOPIC_COLOURS
from state.figures import SENTIMENTS

HEIGHT = "min(620px, 78vh, 94vw)"
_CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False}
_SENTIMENT_CLASSES = tuple(palette.SENTIMENT[name] for name in SENTIMENTS)
_TOPIC_CLASSES = (*palette.OKABE_ITO[:TOPIC_COLOURS], palette.UNSCORED)
_OUTLINE = """
const outlineOf = (event) => {
    const range = event?.range;
    if (range?.x && range?.y) {
        const [left, right] = range.x, [low, high] = range.y;
        return [[left, low], [right, low], [right, high], [left, high]];
    }
    const across = event?.lassoPoints?.x ?? [], up = event?.lassoPoints?.y ?? [];
    const step = Math.max(1, Math.ceil(across.length / 200));
    return across.map((x, place) => [x, up[place]]).filter((_, place) => place % step === 0);
}
"""


def _outline(event: rx.Var[Any]) -> tuple[rx.Var[list[tuple[float, float]]]]:
    return (rx.Var(_js_expr=f"outlineOf({event})", _var_type=list[tuple[float, float]]),)


class Map(PlotlyBasic):
    """A plot whose selection is sent as the line that was drawn, not as thousands of points."""

    on_selected: rx.EventHandler[_outline]  # type: ignore[type-arg, valid-type]  # how Reflex spells what it sends

    def add_custom_code(self) -> list[str]:
        """Return the scripts of the plot, and the one that thins a line to 200 corners."""
        return [*super().add_custom_code(), _OUTLINE]


def panel() -> rx.Component:
    """Show the map beside what is selected on it."""
    return rx.el.div(
        rx.el.section(
            rx.tabs.root(
                rx.el.div(
                    rx.el.div(
                        rx.el.h2("Map of what was said", class_name="section-title"),
                        rx.el.p(
                            ConstellationState.drawn_words,
                            class_name="quiet small",
                            title=f"{SCORED_RULE} {COUNTING_RULE}",
                        ),
                        class_name="chart-words",
                    ),
                    rx.tabs.list(
                        rx.tabs.trigger("Map", value="chart"),
                        rx.tabs.trigger("Table", value="table"),
                        size="1",
                        aria_label="The topics as a map or as a table",
                    ),
                    class_name="chart-head",
                ),
                rx.tabs.content(_colours(), _plot(), value="chart"),
                rx.tabs.content(_table(), value="table"),
                default_value="chart",
            ),
            class_name="panel panel-pad",
        ),
        constellation_selection.section(),
        class_name="constellation",
    )


def _colours() -> rx.Component:
    return rx.el.div(
        rx.segmented_control.root(
            rx.segmented_control.item("Sentiment", value="sentiment"),
            rx.segmented_control.item("Topic", value="topic"),
            rx.segmented_control.item("Source", value="source"),
            value=ConstellationState.by,
            # Spelled out: the control may send several values, a handler named bare would have to take them.
            on_change=lambda by: ConstellationState.colour(by),  # noqa: PLW0108
            size="1",
            aria_label="Colour the points by",
        ),
        rx.match(
            ConstellationState.by,
            (
                "topic",
                rx.el.ul(
                    rx.foreach(
                        ConstellationState.coloured,
                        lambda topic: _key(
                            topic.name, rx.match(topic.colour, *enumerate(_TOPIC_CLASSES), palette.UNSCORED)
                        ),
                    ),
                    class_name="legend",
                    aria_label="Colours",
                ),
            ),
            (
                "source",
                rx.el.ul(
                    rx.foreach(
                        ConstellationState.sources,
                        lambda name, place: _key(
                            name, rx.match(place, *enumerate(palette.OKABE_ITO), palette.OKABE_ITO[-1])
                        ),
                    ),
                    class_name="legend",
                    aria_label="Colours",
                ),
            ),
            rx.el.ul(
                *[_key(name, palette.SENTIMENT[name]) for name in SENTIMENTS if name != "unscored"],
                class_name="legend",
                aria_label="Colours",
            ),
        ),
        rx.el.p(ConstellationState.names_words, class_name="quiet small legend-note"),
        class_name="constellation-tools",
    )


def _key(name: Any, colour: Any) -> rx.Component:
    return rx.el.li(
        rx.el.span(class_name="swatch", style={"background": colour}, aria_hidden="true"), name, class_name="small"
    )


def _plot() -> rx.Component:
    return rx.el.div(
        Map.create(
            data=ConstellationState.figure,
            layout=rx.color_mode_cond(light=_layout("light"), dark=_layout("dark")),
            template=None,
            config=_CONFIG,
            on_click=lambda points: ConstellationState.open_point(*_point(points)),
            on_selected=ConstellationState.select,
            on_deselect=ConstellationState.clear,
            width="100%",
            height="100%",
        ),
        role="img",
        aria_label="Map: each point is an item, near those that speak of the same. The table lists the topics.",
        class_name="chart map",
        style={"height": HEIGHT},
    )


def _point(points: Any) -> tuple[Any, Any]:
    first = points.to(list[dict[str, int]])[0]
    return first["curveNumber"], first["pointIndex"]


def _layout(mode: str) -> Any:
    ink, grid, hover = ("#1C2024", "#E0E1E6", "#FFFFFF") if mode == "light" else ("#EDEEF0", "#2E3135", "#212225")
    axis = {"visible": False, "fixedrange": True, "constrain": "range"}
    classes = rx.match(
        ConstellationState.by,
        ("topic", _axis(_TOPIC_CLASSES)),
        ("source", _axis(palette.OKABE_ITO)),
        _axis(_SENTIMENT_CLASSES),
    )
    return rx.Var.create(
        {
            "xaxis": {**axis, "range": ConstellationState.across},
            "yaxis": {**axis, "range": ConstellationState.up, "scaleanchor": "x"},
            "coloraxis": classes,
            "showlegend": False,
            "dragmode": "lasso",
            "hovermode": "closest",
            "hoverdistance": 8,
            "uirevision": "map",
            "selectionrevision": ConstellationState.cleared,
            "newselection": {"line": {"color": ink, "width": 1.5, "dash": "dot"}},
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "font": {"family": "Inter, system-ui, sans-serif", "size": 12, "color": ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"bgcolor": hover, "bordercolor": grid, "font": {"color": ink, "size": 12}},
            "autosize": True,
        }
    )


def _axis(colours: tuple[str, ...]) -> dict[str, Any]:
    """Return a scale of colours without any in between: class 0 has the first."""
    steps = [(edge / len(colours), colour) for place, colour in enumerate(colours) for edge in (place, place + 1)]
    return {"cmin": -0.5, "cmax": len(colours) - 0.5, "colorscale": [list(step) for step in steps], "showscale": False}


def _table() -> rx.Component:
    def row(each: rx.Var[TopicRow]) -> rx.Component:
        return rx.el.tr(
            rx.el.th(each.name, scope="row"),
            rx.el.td(each.total, class_name="number"),
            rx.el.td(each.mood, class_name="number"),
            rx.el.td(rx.link("show items", href=each.href, aria_label=f"Show the items of {each.name}")),
        )

    return rx.el.div(
        rx.el.table(
            rx.el.thead(
                rx.el.tr(
                    rx.el.th("Topic", scope="col"),
                    rx.el.th("items", scope="col", class_name="number"),
                    rx.el.th("sentiment, -1 to +1", scope="col", class_name="number"),
                    rx.el.th(rx.el.span("Items", class_name="only-read"), scope="col"),
                )
            ),
            rx.el.tbody(rx.foreach(ConstellationState.topics, row)),
            class_name="rows",
        ),
        class_name="chart-table",
        style={"height": HEIGHT},
        tab_index=0,
        role="region",
        aria_label="The topics of the map",
    )


def nothing() -> rx.Component:
    """Say why there is no map."""
    early = states.empty(
        "The map comes after scoring",
        "Topics are found when all items are scored; then each item gets its place.",
        icon="map",
    )
    too_few = states.empty(
        "No map", "There were too few items that speak of the same thing to make topics.", icon="map"
    )
    stopped = states.empty("No map", "The analysis ended before topics were found.", icon="map")
    return rx.el.div(
        rx.match(
            AnalysisState.status,
            ("completed", too_few),
            ("partial", stopped),
            ("failed", stopped),
            ("cancelled", stopped),
            early,
        ),
        class_name="panel",
    )


def waiting() -> rx.Component:
    """Show the shape of what comes."""
    return rx.el.div(
        rx.el.div(
            states.bone("40%", "16px"),
            rx.el.div(class_name="bone", style={"height": HEIGHT}),
            class_name="panel panel-pad stack-small",
            aria_busy="true",
        ),
        rx.el.div(states.skeleton(4), class_name="panel"),
        class_name="constellation",
    )
