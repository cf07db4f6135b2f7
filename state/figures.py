"""Charts as data: pure functions from counts to Plotly figures that hold arrays and nothing else.

How a chart looks (colours, fonts, grid, margins, light and dark) is fixed at build time in `components.charts`, so a
change of data sends only numbers. Traces come in the order of `SENTIMENTS`, which is the order of the chart's colours.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from plotly.graph_objects import Bar, Figure

Sentiment = Literal["negative", "neutral", "positive", "unscored"]
SENTIMENTS: tuple[Sentiment, ...] = get_args(Sentiment)
MAX_TOPICS = 12
"""Bars that a chart of fixed height can label; the table beside it has all of them."""
MAX_LABEL = 26


@dataclass(frozen=True, slots=True)
class Stack:
    """One bar: its label and how many items of each sentiment it holds."""

    label: str
    negative: int
    neutral: int
    positive: int
    unscored: int = 0

    @property
    def items(self) -> int:
        """Return how many items the bar holds."""
        return self.negative + self.neutral + self.positive + self.unscored

    def count(self, sentiment: Sentiment) -> int:
        """Return how many items of one sentiment the bar holds."""
        counts: dict[Sentiment, int] = {
            "negative": self.negative,
            "neutral": self.neutral,
            "positive": self.positive,
            "unscored": self.unscored,
        }
        return counts[sentiment]


def shown(stacks: Sequence[Stack]) -> tuple[Sentiment, ...]:
    """Return the sentiments that the bars hold, in the order of their traces."""
    return tuple(
        sentiment for sentiment in SENTIMENTS if sentiment != "unscored" or any(stack.unscored for stack in stacks)
    )


def days(stacks: Sequence[Stack]) -> Figure:
    """Return upright bars, one per day (labels are ISO dates), stacked by sentiment."""
    labels = [stack.label for stack in stacks]
    return _stacked(
        [
            Bar(
                name=sentiment,
                x=labels,
                y=[stack.count(sentiment) for stack in stacks],
                marker=_marker(sentiment),
                hovertemplate=f"%{{x|%-d %b %Y}}: %{{y:,}} {sentiment}<extra></extra>",
            )
            for sentiment in shown(stacks)
        ]
    )


def topics(stacks: Sequence[Stack]) -> Figure:
    """Return lying bars, the first stack on top, stacked by sentiment; at most `MAX_TOPICS`."""
    stacks = stacks[:MAX_TOPICS]
    places = list(range(len(stacks)))
    figure = _stacked(
        [
            Bar(
                name=sentiment,
                orientation="h",
                x=[stack.count(sentiment) for stack in stacks],
                y=places,
                customdata=[html.escape(stack.label, quote=False) for stack in stacks],
                marker=_marker(sentiment),
                hovertemplate=f"%{{customdata}}: %{{x:,}} {sentiment}<extra></extra>",
            )
            for sentiment in shown(stacks)
        ]
    )
    # Plotly reads tags in labels, and topics are named from foreign words.
    names = [html.escape(clipped(stack.label), quote=False) for stack in stacks]
    # Two topics may share a name: bars stand at numbered places and the names are only their labels.
    figure.update_layout(yaxis={"tickmode": "array", "tickvals": places, "ticktext": names})
    return figure


def clipped(text: str, length: int = MAX_LABEL) -> str:
    """Return the text, cut to what fits beside a bar."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _marker(sentiment: Sentiment) -> dict[str, object]:
    return {"pattern": {"shape": "/", "size": 6, "solidity": 0.4}} if sentiment == "unscored" else {}


def _stacked(traces: list[Bar]) -> Figure:
    figure = Figure(data=traces)
    # Without this each figure carries Plotly's 7 kB default theme.
    figure.update_layout(template=None)
    return figure
