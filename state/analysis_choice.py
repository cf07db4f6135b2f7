"""The question about an analysis's cost in words: pure, from the contract."""

from __future__ import annotations

from dataclasses import dataclass

from app.core.money import MICROS_PER_DOLLAR, dollars
from app.services import choices
from app.services.contract import AnalysisView, ChoiceOption

LABELS = {"go_on": "Go on", "cheaper": "Go on cheaper", "stop": "Stop spending"}
MEANINGS = {
    "go_on": "The model reads the rest, up to your cap.",
    "cheaper": "The model reads a smaller sample of each topic that is left.",
    "stop": "The local engine words the rest, free; what the model has found stays.",
}

NEEDS_MORE = "What is left to read may cost more than your cap leaves, so this takes a higher one."
_CENT = MICROS_PER_DOLLAR // 100


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
    spent = view.cost.spent_micros + view.cost.reserved_micros
    return [
        OptionRow(
            one.choice,
            LABELS[one.choice],
            NEEDS_MORE if one.needs_higher_cap else MEANINGS[one.choice],
            cost(one, spent),
            one.needs_higher_cap,
        )
        for one in view.choice.options
    ]


def cost(option: ChoiceOption, spent: int) -> str:
    """Return what an answer costs from now on, in words, given what is spent and held back."""
    if option.needs_higher_cap:
        return (
            f"about {dollars(option.likely_micros)} more, with a cap of {_to_write(spent + option.most_micros)} or more"
        )
    if not option.most_micros:
        return "nothing more"
    return f"about {dollars(option.likely_micros)} more, never above {dollars(option.most_micros)}"


def cap_to_write(view: AnalysisView) -> str:
    """Return a cap that suffices for going on, to begin with: twice the present one, or more where that is too low."""
    most = 0
    if view.choice is not None:
        most = max((one.most_micros for one in view.choice.options if one.needs_higher_cap), default=0)
    enough = view.cost.spent_micros + view.cost.reserved_micros + most
    return _to_write(max(2 * view.cost.cap_micros, enough)).removeprefix("$")


def _to_write(micros: int) -> str:
    """Return an amount in whole cents, rounded up."""
    return f"${-(-micros // _CENT) / 100:.2f}"
