"""Dates as people and programs write them. What can be read two ways is never guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Literal

Order = Literal["day_first", "month_first"]
"""How `03/04/2024` is meant."""

EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)
LATEST = datetime(2101, 1, 1, tzinfo=UTC)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = (
    r"(?:[T,\s]+(?:at\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d{1,9})?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_SLASHED = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.\-])(?P<second_part>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}){_TIME}", re.IGNORECASE
)
_YEAR_FIRST = re.compile(rf"(?P<year>\d{{4}})[/.](?P<month>\d{{1,2}})[/.](?P<day>\d{{1,2}}){_TIME}", re.IGNORECASE)
_DAY_NAMED = re.compile(
    rf"(?:[a-z]+,?\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[\s-]+(?P<name>[a-z]+)\.?,?[\s-]+(?P<year>\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(
    rf"(?:[a-z]+,\s+)?(?P<name>[a-z]+)\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}}){_TIME}",
    re.IGNORECASE,
)
_CTIME = re.compile(
    r"[a-z]{3}\s+(?P<name>[a-z]{3})\s+(?P<day>\d{1,2})\s+(?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2})"
    r"(?:\s+(?P<zone>[+-]\d{4}|UTC|GMT))?\s+(?P<year>\d{4})(?P<half>)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(\d{8,17})(?:\.\d+)?")
_LONGEST = 64


class Unclear(ValueError):
    """Day and month cannot be told apart without being told their order."""


def moment(words: str, order: Order | None = None) -> tuple[datetime, bool]:
    """Return the moment that some words mean, and whether they said their time zone (else UTC was taken).

    Read are RFC 3339 and ISO 8601, seconds and milliseconds since 1970, `2024/03/25 14:05`, `25.03.2024`,
    `03/25/2024 2:05 PM`, `25 March 2024`, `Mar 25, 2024, 2:05 PM` and the form of e-mails.

    Args:
        words: A cell.
        order: How `03/04/2024` is meant; None refuses it.

    Raises:
        Unclear: The order of day and month matters and is not known.
        ValueError: It is no date that we know.
    """
    text = " ".join(words.split())
    if not text or len(text) > _LONGEST:
        raise ValueError("no date")
    try:
        found, zoned = _read(text, order)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of what can be meant") from None
    if not EARLIEST <= found < LATEST:
        raise ValueError("outside of what can be meant")
    return found, zoned


def order_of(words: str) -> Order | Literal["either"] | None:
    """Return the one order in which these words are a date; `either` when both fit; None when it does not matter."""
    match = _SLASHED.fullmatch(" ".join(words.split())[:_LONGEST])
    if match is None or match["mark"] == ".":
        return None
    first, second = int(match["first"]), int(match["second_part"])
    if first == second or not (1 <= first <= 31 and 1 <= second <= 31):
        return None
    if first > 12:
        return "day_first"
    return "month_first" if second > 12 else "either"


def _read(text: str, order: Order | None) -> tuple[datetime, bool]:
    number = _NUMBER.fullmatch(text)
    if number is not None:
        return _of_number(text, number[1])
    slashed = _SLASHED.fullmatch(text)
    if slashed is not None:
        return _of_slashed(slashed, order)
    for pattern in (_YEAR_FIRST, _DAY_NAMED, _NAMED_DAY, _CTIME):
        match = pattern.fullmatch(text)
        if match is not None:
            return _assembled(match, match.groupdict().get("month"))
    try:
        found = datetime.fromisoformat(re.sub(r"\s*(?:UTC|GMT)$", "+00:00", text))
    except ValueError:
        try:
            found = parsedate_to_datetime(text)
        except (TypeError, ValueError, IndexError, OverflowError):
            raise ValueError("no date") from None
    return found, found.tzinfo is not None


def _of_number(text: str, digits: str) -> tuple[datetime, bool]:
    if len(digits) == 8:  # 20240325; as seconds it would be of the year 1970 to 1973
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC), False
    # 10 digits are seconds until the year 2286, 13 are milliseconds, 16 microseconds.
    scale = {9: 0, 10: 0, 12: 3, 13: 3, 15: 6, 16: 6}.get(len(digits))
    if scale is None:
        raise ValueError("no date")
    seconds = float(text) / 10**scale
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), True


def _of_slashed(match: re.Match[str], order: Order | None) -> tuple[datetime, bool]:
    first, second = int(match["first"]), int(match["second_part"])
    if match["mark"] == "." or first > 12 or first == second:
        day, month = first, second  # with full stops the day comes first wherever they are in use
    elif second > 12:
        day, month = second, first
    elif order is None:
        raise Unclear("day or month first?")
    else:
        day, month = (first, second) if order == "day_first" else (second, first)
    return _assembled(match, str(month), day)


def _assembled(match: re.Match[str], month: str | None, day: int | None = None) -> tuple[datetime, bool]:
    number = int(month) if month is not None else _MONTHS.get(match["name"].lower())
    if number is None:
        raise ValueError("no month")
    hour = int(match["hour"] or 0)
    half = (match["half"] or "").lower().replace(".", "")
    if half:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of half a day")
        hour = hour % 12 + (12 if half == "pm" else 0)
    zone = _zone(match["zone"])
    found = datetime(
        int(match["year"]),
        number,
        day if day is not None else int(match["day"]),
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        tzinfo=zone or UTC,
    )
    return found, zone is not None


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
