"""What is asked of an analysis's owner when its cost comes near the cap."""

from __future__ import annotations

from typing import Literal

from app.services.contract.basics import Contract, Moment


class ChoiceOption(Contract):
    """One of the answers, and what it costs from now on."""

    choice: Literal["go_on", "cheaper", "stop"]
    likely_micros: int
    most_micros: int
    """What the cap leaves; where that is not enough, what is still to be asked can cost at most."""
    needs_higher_cap: bool = False
    """True when it is possible only together with a higher cap."""


class ChoiceView(Contract):
    """The question."""

    why: Literal["threshold", "cap"]
    asked_at: Moment
    next_micros: int
    """What the next call could cost at most."""
    spent_micros: int
    cap_micros: int
    options: list[ChoiceOption]
