"""The map as a Plotly figure: arrays, one trace per topic, and the names of the topics that there is room for.

Which class of colour a point has is a number; what colour that is, the page fixes at build time. A hover shows the
trace's one text, so no point carries words.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from plotly.graph_objects import Figure, Scatter

from app.services.constellation import NO_TOPIC, MapTopic, MapView
from state.figures import SENTIMENTS, clipped

Colour = Literal["sentiment", "topic", "source"]
COLOURS: tuple[Colour, ...] = get_args(Colour)
TOPIC_COLOURS = 8
"""Colours that people tell apart; topic 8 has that of topic 0. Points of no topic have a ninth."""
MAX_NAME = 24
_NARROW = 290
"""Names are set apart as if the map were this many pixels wide: what is left of a phone."""
_LETTER, _LINE = 6.4, 17
"""Pixels of a letter and of a line of the names."""


@dataclass(frozen=True)
class Drawing:
    """The figure, and which point of the map each of its points is."""

    figure: Figure
    traces: list[list[int]]
    """Per trace, per point: the place in the map's arrays."""


def draw(view: MapView, by: Colour) -> Drawing:
    """Return the map in the colours of one property. Points of no topic come first: the others are drawn over them."""
    names = {topic.number: topic.name for topic in view.topics}
    groups: dict[int, list[int]] = {}
    for place, number in enumerate(view.topic):
        groups.setdefault(number, []).append(place)
    numbers = sorted(groups)
    figure = Figure(
        data=[
            Scatter(
                mode="markers",
                x=[view.x[place] for place in groups[number]],
                y=[view.y[place] for place in groups[number]],
                marker={
                    "color": [_class(view, place, by) for place in groups[number]],
                    "coloraxis": "coloraxis",
                    "size": _size(len(view.ids)),
                    "opacity": 0.5 if number == NO_TOPIC else 0.85,
                },
                unselected={"marker": {"opacity": 0.12}},
                hoverinfo="text",
                # Plotly reads tags in labels, and topics are named from foreign words.
                hovertext="no topic" if number == NO_TOPIC else html.escape(names.get(number, ""), quote=False),
            )
            for number in numbers
        ]
    )
    figure.update_layout(template=None, annotations=[_name(topic) for topic in named(view.topics)])
    return Drawing(figure, [groups[number] for number in numbers])


def named(topics: Sequence[MapTopic]) -> list[MapTopic]:
    """Return the topics whose names fit beside those of larger ones."""
    taken: list[tuple[float, float, float]] = []
    chosen = []
    for topic in sorted(topics, key=lambda topic: (-topic.items, topic.number)):
        half = len(clipped(topic.name, MAX_NAME)) * _LETTER / _NARROW / 2
        if all(abs(topic.x - x) > half + width or abs(topic.y - y) > _LINE / _NARROW for x, y, width in taken):
            taken.append((topic.x, topic.y, half))
            chosen.append(topic)
    return chosen


def _class(view: MapView, place: int, by: Colour) -> int:
    if by == "topic":
        number = view.topic[place]
        return TOPIC_COLOURS if number == NO_TOPIC else number % TOPIC_COLOURS
    if by == "source":
        return view.source[place]
    label = view.sentiment[place] or "unscored"
    return next((number for number, name in enumerate(SENTIMENTS) if name == label), len(SENTIMENTS) - 1)


def _size(points: int) -> float:
    return 8 if points <= 500 else 6 if points <= 2_000 else 4.5


def _name(topic: MapTopic) -> dict[str, object]:
    half = len(clipped(topic.name, MAX_NAME)) * _LETTER / _NARROW / 2
    return {
        "x": min(max(topic.x, half), 1 - half),
        "y": topic.y,
        "text": html.escape(clipped(topic.name, MAX_NAME), quote=False),
        "showarrow": False,
    }
