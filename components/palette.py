"""Colours of charts. Okabe and Ito: eight colours that people with any colour vision tell apart.

Source: Okabe and Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/. Meaning (good, waiting, failed,
running) has its own colours in `components.marks`; these here only tell things apart.
"""

from __future__ import annotations

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7A7A7A")
"""Blue, orange, bluish green, reddish purple, sky blue, vermilion, yellow, gray (for black, which dark pages hide)."""

NEGATIVE = "#D55E00"
NEUTRAL = "#8B8D98"
POSITIVE = "#0072B2"
UNSCORED = "#B9BBC6"
SENTIMENT = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE, "unscored": UNSCORED}
"""A diverging scale: vermilion, gray, blue. Each stands out 3 to 1 from a light and from a dark page; unscored ones are
also hatched."""


def topic_colour(number: int) -> str:
    """Return the colour of a topic: the same everywhere in an analysis. Those after the seventh share the gray."""
    return OKABE_ITO[min(number, len(OKABE_ITO) - 1)]
