"""The question about an analysis's cost in words: pure, from the contract."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.money import dollars
from app.services import choices
from app.services.contract import AnalysisView, ChoiceOption

LABELS = {"go_on": "Go on", "cheaper": "Go on cheaper", "stop": "Stop spending"}
MEANINGS = {
    "go_on": "The model reads the rest, up to your cap.",
    "cheaper": "The model reads a smaller sample of each topic that is left.",
    "stop": "The local engine words the rest, free; what the model has found stays.",
}


@dataclass(frozen=True)
class OptionRow:
    """One of the answers."""

    choice: str
    label: str
    meaning: str
    cost: str
    blocked: bool
    """Whether it takes a higher cap."""


def asked(view: AnalysisView) -> str:
    """Return why the analysis waits, as sentences; empty when it asks nothing."""
    return "" if view.choice is None else choices.sentence(view.choice)


def options(view: AnalysisView) -> list[OptionRow]:
    """Return the answers with what each costs."""
    if view.choice is None:
        return []
    return [
        OptionRow(one.choice, LABELS[one.choice], MEANINGS[one.choice], cost(one), one.needs_higher_cap)
        for one in view.choice.options
    ]


def cost(option: ChoiceOption) -> str:
    """Return what an answer costs from now on, in words."""
    if option.needs_higher_cap:
        return f"about {dollars(option.likely_micros)} more, with a higher cap"
    if not option.most_micros:
        return "nothing more"
    return f"about {dollars(option.likely_micros)} more, never above {dollars(option.most_micros)}"
