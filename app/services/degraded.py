"""What stands in for a part of a result that ran with less than was asked for, in words for pages and commands."""

from __future__ import annotations

from app.services.contract import DegradedView

CHOSEN = ", as you chose"
"""Ends what stands in for a part when its owner wanted that."""
_PARTS = {
    ("ai_synthesis", "local engine"): "part was worded by the local engine",
    ("ai_synthesis", "local engine for all"): "all of it was worded by the local engine",
    ("ai_synthesis", "a smaller sample"): "the model read a smaller sample",
    ("sentiment_service", "local model"): "part of the mood was judged by the local model",
}
"""What happened, by feature and by what stands in for it."""


def chosen(part: DegradedView) -> bool:
    """Return whether its owner wanted it so."""
    return part.instead.endswith(CHOSEN)


def stood_in(part: DegradedView) -> str:
    """Return what stands in for a part, as a clause; also for a feature of which this version knows nothing."""
    instead = part.instead.removesuffix(CHOSEN)
    name = part.feature.replace("_", " ").removeprefix("ai ")
    return _PARTS.get((part.feature, instead), f"{name} was done in part by: {instead}")
