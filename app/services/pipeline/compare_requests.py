"""Says how two requests differ, field by field, in words that a person would use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core.money import dollars


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as far as it can differ."""

    question: str
    sources: tuple[str, ...]
    """As a person writes them."""
    since: datetime | None
    until: datetime | None
    at: datetime
    """When it was asked; where the range has no end, this is the end."""
    keywords: tuple[str, ...]
    max_items: int | None
    max_cost_micros: int
    engine: str
    rescore: bool
    sample: bool

    @property
    def end(self) -> datetime:
        """Return up to when it listened."""
        return min(self.until, self.at) if self.until else self.at


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that was asked for otherwise."""

    name: str
    before: str
    after: str


_SAME_SECONDS = 60
"""Moments closer than this are the same moment: a form is sent a little after it was made."""


def differences(before: Asked, after: Asked) -> list[Difference]:
    """Return what differs, the weightiest first; nothing when both ask for the same."""
    found = [
        _difference("Question", before.question, after.question),
        _difference("Sources", _listed(before.sources), _listed(after.sources)),
        *_range(before, after),
        _difference("Keywords", _listed(before.keywords), _listed(after.keywords)),
        _difference("Most items", _limit(before.max_items), _limit(after.max_items)),
        _difference("Engine", before.engine, after.engine),
        _difference("Judged anew by the model", _yes(before.rescore), _yes(after.rescore)),
        _difference("Cost cap", dollars(before.max_cost_micros), dollars(after.max_cost_micros)),
        _difference("Items are", _made(before.sample), _made(after.sample)),
    ]
    return [each for each in found if each is not None]


def same_limits(before: Asked, after: Asked) -> bool:
    """Return whether keywords and limit are the same, so that they can explain no item."""
    return _listed(before.keywords) == _listed(after.keywords) and before.max_items == after.max_items


def _difference(name: str, before: str, after: str) -> Difference | None:
    return None if before == after else Difference(name, before, after)


def _range(before: Asked, after: Asked) -> list[Difference | None]:
    starts = _moment(before.since, "the beginning"), _moment(after.since, "the beginning")
    ends = _end(before), _end(after)
    return [
        None if _close(before.since, after.since) else _difference("From", *starts),
        # An open end moves with the clock; that is a difference in what was collected, not in what was asked.
        None
        if _close(before.until or before.at, after.until or after.at) or (before.until is after.until is None)
        else _difference("Up to", *ends),
    ]


def _close(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs((one - other).total_seconds()) < _SAME_SECONDS


def _end(asked: Asked) -> str:
    return _moment(asked.until, f"when it was asked ({_moment(asked.at, '')})")


def _moment(moment: datetime | None, otherwise: str) -> str:
    return f"{moment:%-d %b %Y %H:%M} UTC" if moment else otherwise


def _listed(words: Sequence[str]) -> str:
    return ", ".join(sorted(words, key=str.casefold)) or "none"


def _limit(number: int | None) -> str:
    return f"{number:,}" if number else "no limit"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _made(sample: bool) -> str:
    return "SAMPLE" if sample else "real"
