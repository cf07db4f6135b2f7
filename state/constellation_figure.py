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
"""Seven topics have colours of their own that people tell apart; all others share the eighth, gray, and points of no
topic have a ninth."""
OTHER_TOPICS = TOPIC_COLOURS - 1
AROUND = 0.04
"""Empty space around the points, as a part of what they span."""
LEAST_SPAN = 0.05
"""Few points that lie close together are not drawn further apart than this allows."""
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
    across: tuple[float, float]
    """What the map shows from left to right."""
    up: tuple[float, float]
    """What it shows from bottom to top."""


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
    across, up = fitted(view.x), fitted(view.y)
    # Both directions have one scale, so the longer one sets how much a pixel is.
    span = max(across[1] - across[0], up[1] - up[0])
    names_on_it = [_name(topic, across, span) for topic in named(view.topics, span)]
    figure.update_layout(template=None, annotations=names_on_it)
    return Drawing(figure, [groups[number] for number in numbers], across, up)


def fitted(places: Sequence[float]) -> tuple[float, float]:
    """Return the range that holds all points in one direction, with a little space around them."""
    if not places:
        return 0.0, 1.0
    low, high = min(places), max(places)
    more = max((high - low) * AROUND, (LEAST_SPAN - (high - low)) / 2)
    return round(low - more, 4), round(high + more, 4)


def topic_class(number: int) -> int:
    """Return a topic's class of colour: the first ones have their own, the others share one."""
    return TOPIC_COLOURS if number == NO_TOPIC else min(number, OTHER_TOPICS)


def named(topics: Sequence[MapTopic], span: float = 1.0) -> list[MapTopic]:
    """Return the topics whose names fit beside those of larger ones.

    Args:
        topics: All of them.
        span: How much of the map's coordinates is shown in the longer direction.
    """
    taken: list[tuple[float, float, float]] = []
    chosen = []
    for topic in sorted(topics, key=lambda topic: (-topic.items, topic.number)):
        half = _half(topic, span)
        if all(abs(topic.x - x) > half + width or abs(topic.y - y) > _LINE / _NARROW * span for x, y, width in taken):
            taken.append((topic.x, topic.y, half))
            chosen.append(topic)
    return chosen


def _class(view: MapView, place: int, by: Colour) -> int:
    if by == "topic":
        return topic_class(view.topic[place])
    if by == "source":
        return view.source[place]
    label = view.sentiment[place] or "unscored"
    return next((number for number, name in enumerate(SENTIMENTS) if name == label), len(SENTIMENTS) - 1)


def _size(points: int) -> float:
    return 8 if points <= 500 else 6 if points <= 2_000 else 4.5


def _half(topic: MapTopic, span: float) -> float:
    return len(clipped(topic.name, MAX_NAME)) * _LETTER / _NARROW / 2 * span


def _name(topic: MapTopic, across: tuple[float, float], span: float) -> dict[str, object]:
    half = _half(topic, span)
    return {
        "x": min(max(topic.x, across[0] + half), max(across[1] - half, across[0] + half)),
        "y": topic.y,
        "text": html.escape(clipped(topic.name, MAX_NAME), quote=False),
        "showarrow": False,
    }
