"""From the command line's options to a request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from app.core.errors import InvalidInput
from app.core.money import from_dollars
from app.services.contract import AnalysisRequest, SourceRequest

_AGE = re.compile(r"^(\d{1,5})\s*([hdwy])$", re.ASCII)
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "y": 24 * 365}


@dataclass(frozen=True, slots=True)
class Options:
    """What was typed."""

    sources: Sequence[str]
    question: str | None
    since: str | None
    until: str | None
    keywords: Sequence[str]
    cap: str | None
    max_items: int | None
    engine: str


def moment(text: str, now: datetime, field: str) -> datetime:
    """Return the moment that an age (`12h`, `30d`, `4w`, `1y`) or a date (`2026-01-31`, RFC 3339) means, in UTC.

    Raises:
        InvalidInput: It is neither.
    """
    text = text.strip()
    age = _AGE.match(text.lower())
    try:
        if age is not None:
            return now - timedelta(hours=int(age[1]) * _HOURS[age[2]])
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(
            f"--{field} is {text!r}; write an age such as 12h, 30d or 4w, or a date such as 2026-01-31.", field=field
        ) from None


def build(options: Options, sources: Sequence[SourceRequest], now: datetime) -> AnalysisRequest:
    """Return the request.

    Args:
        options: What was typed.
        sources: What the typed sources were recognised as.
        now: What ages are counted back from.

    Raises:
        InvalidInput: An option is malformed; the sentence names it.
    """
    fields: dict[str, Any] = {
        "sources": list(sources),
        "since": moment(options.since, now, "since") if options.since else None,
        "until": moment(options.until, now, "until") if options.until else None,
        "keywords": list(options.keywords),
        "max_items": options.max_items,
        "engine": options.engine,
    }
    if options.question is not None:
        fields["question"] = options.question
    if options.cap is not None:
        try:
            fields["max_cost_micros"] = from_dollars(options.cap)
        except ValueError as error:
            raise InvalidInput(f"--cap: {error}", field="cap") from None
    try:
        return AnalysisRequest(**fields)
    except ValidationError as error:
        raise _one_sentence(error) from None


def _one_sentence(error: ValidationError) -> InvalidInput:
    fault = error.errors(include_url=False)[0]
    name = ".".join(str(part) for part in fault["loc"])
    reason = fault["msg"].removeprefix("Value error, ")
    return InvalidInput(f"{name}: {reason}." if name else f"{reason}.", field=name or None)
