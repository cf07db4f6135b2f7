"""Reads a question: what it is about, which part of the items it means, and what kind of answer it wants.

"Which communities complain most about backups since last week?"
  terms  backup                       what an item must speak of
  scopes complaint, the last 7 days   which items count; each can be taken away
  kind   communities                  a table, beside the sentences
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from app.services.pipeline.question_words import ABOUT_ASKING, INTENTS, KINDS, LANGUAGES, MOODS, SAME_AS, Kind
from app.services.pipeline.retrieval import terms

ScopeName = Literal["community", "provider", "sentiment", "intent", "period", "topic", "language", "item_kind"]

LONGEST = 400
"""Characters of a question."""
MOST_TERMS = 16


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the items that the question's words mean."""

    name: ScopeName
    value: str
    """As stored: `r/selfhosted`, `negative`, `3`, or `2026-11-01/2026-11-08` (from, up to and without)."""
    words: str
    """For the user."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is in the analysis that a question can name."""

    communities: Collection[str] = ()
    providers: Mapping[str, str] = field(default_factory=dict)
    """Labels by registry id."""
    topics: Mapping[int, str] = field(default_factory=dict)
    newest: datetime | None = None
    """When the newest item was posted: "last week" counts back from there."""


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood."""

    text: str
    kind: Kind
    groups: tuple[tuple[str, ...], ...]
    """Terms to look for; those of one group mean the same."""
    words: tuple[str, ...]
    """The first word of each group as it is written in the question."""
    scopes: tuple[Scope, ...]
    removed: tuple[Scope, ...] = ()
    """Scopes that the words suggest and the asker took away."""


_COMPOUND = re.compile(r"\b(back|roll|sign|log|set|wi|break|work)[ -](up|back|in|fi|down|around)s?\b", re.IGNORECASE)
_UNITS = {"day": 1, "week": 7, "month": 30, "year": 365}
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_PERIOD = re.compile(
    r"\b(?:(?:in|during|over|for|within) )?(?:the )?(?:last|past|previous|this|recent) (?:(\d{1,3}) )?"
    r"(day|week|month|year)s?\b"
    r"|\b(today|yesterday)\b"
    r"|\b(?:since|after) (\d{4}-\d{2}-\d{2})\b"
    r"|\b(?:in|during|since) (" + "|".join(_MONTHS) + r")(?: (\d{4}))?\b",
    re.IGNORECASE,
)
_NUMBERS = {"two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "ten": "10"}


def understand(text: str, known: Known, without: Iterable[str] = ()) -> Understood:
    """Return what a question means here.

    Args:
        text: The question, one line.
        known: What it can name.
        without: Names of scopes not to use; what their words mean is then looked for like any other word.
    """
    reader = _Reader(text[:LONGEST])
    kind: Kind = next((name for name, pattern in KINDS if re.search(pattern, reader.lower)), "said")
    found = [scope for scope in reader.scopes(known) if scope is not None]
    refused = set(without)
    groups, words = reader.groups()
    return Understood(
        text=text,
        kind=kind,
        groups=groups,
        words=words,
        scopes=tuple(scope for scope in found if scope.name not in refused),
        removed=tuple(scope for scope in found if scope.name in refused),
    )


class _Reader:
    """Takes what it has understood out of the words that are left."""

    def __init__(self, text: str) -> None:
        self.lower = " ".join(text.lower().replace("\u2019", "'").split())
        self._rest = _COMPOUND.sub(r"\1\2", self.lower)

    def scopes(self, known: Known) -> list[Scope | None]:
        return [
            self._topic(known.topics),
            *self._communities(known.communities),
            self._provider(known.providers),
            self._period(known.newest),
            self._mood(),
            self._intent(),
            self._language(),
        ]

    def groups(self) -> tuple[tuple[tuple[str, ...], ...], tuple[str, ...]]:
        groups: list[tuple[str, ...]] = []
        words: list[str] = []
        seen: set[str] = set()
        for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", self._rest):
            for term in terms(word):
                if term in ABOUT_ASKING or term in seen:
                    continue
                group = SAME_AS.get(term, (term,))
                seen.update(group)
                groups.append((term, *(other for other in group if other != term)))
                words.append(word)
        return tuple(groups[:MOST_TERMS]), tuple(words[:MOST_TERMS])

    def _take(self, pattern: str) -> str | None:
        found = re.search(rf"(?<![\w/])(?:{pattern})(?!\w)", self._rest)
        if found is None:
            return None
        self._rest = f"{self._rest[: found.start()]} ; {self._rest[found.end() :]}"
        return found[0]

    def _topic(self, topics: Mapping[int, str]) -> Scope | None:
        for number, name in sorted(topics.items(), key=lambda pair: (-len(pair[1]), pair[0])):
            parts = [part for part in re.split(r"[\s,]+", name.lower()) if part]
            quoted = self._take(rf"topic ['\"\u201c]?{re.escape(name.lower())}['\"\u201d]?")
            if quoted or (len(parts) > 1 and self._take(re.escape(name.lower()))):
                return Scope("topic", str(number), f"topic: {name}")
        return None

    def _communities(self, communities: Collection[str]) -> list[Scope]:
        for name in sorted(communities, key=lambda each: (-len(each), each)):
            bare = name.lower().removeprefix("r/").removeprefix("@")
            # A bare name may be an ordinary word; "in apps" or "from homelab" means the place.
            pattern = rf"r/{re.escape(bare)}|@{re.escape(bare)}|(?:in|on|from|at|of|by) {re.escape(bare)}"
            if not bare.isalnum():
                pattern += "|" + re.escape(bare)
            if bare and self._take(pattern):
                return [Scope("community", name, name)]
        return []

    def _provider(self, providers: Mapping[str, str]) -> Scope | None:
        for identifier, label in providers.items():
            names = {identifier.lower(), label.lower(), label.lower().replace(" ", "")}
            if identifier == "hackernews":
                names.add("hn")
            if self._take(r"(?:(?:on|in|from|at) )?(?:" + "|".join(map(re.escape, sorted(names))) + ")"):
                return Scope("provider", identifier, label)
        return None

    def _period(self, newest: datetime | None) -> Scope | None:
        text = re.sub(r"\b(" + "|".join(_NUMBERS) + r")\b(?= (?:day|week|month|year)s)", _digits, self._rest)
        found = _PERIOD.search(text)
        if found is None or newest is None:
            return None
        try:
            span = _span(found, newest.astimezone(UTC).date() + timedelta(days=1))
        except (ValueError, OverflowError):  # a day that there is not, or before the first or after the last year
            return None
        self._rest = f"{text[: found.start()]} ; {text[found.end() :]}"
        last = span[1] - timedelta(days=1)
        words = f"{span[0].isoformat()}" if last == span[0] else f"{span[0].isoformat()} to {last.isoformat()}"
        return Scope("period", f"{span[0].isoformat()}/{span[1].isoformat()}", words)

    def _mood(self) -> Scope | None:
        for value, pattern in MOODS:
            if self._take(pattern):
                return Scope("sentiment", value, f"{value} items")
        return None

    def _intent(self) -> Scope | None:
        for value, words, pattern in INTENTS:
            if self._take(pattern):
                return Scope("intent", value, words)
        return None

    def _language(self) -> Scope | None:
        said = self._take(r"in (?:" + "|".join(LANGUAGES) + ")")
        if said is None:
            return None
        name = said.removeprefix("in ")
        return Scope("language", LANGUAGES[name], f"in {name.capitalize()}")


def _digits(found: re.Match[str]) -> str:
    return _NUMBERS[found[1]]


def _span(found: re.Match[str], end: date) -> tuple[date, date]:
    number, unit, near, since, month, year = found.groups()
    if unit:
        return end - timedelta(days=int(number or 1) * _UNITS[unit]), end
    if near:
        day = end - timedelta(days=1 if near == "today" else 2)
        return day, day + timedelta(days=1)
    if since:
        return date.fromisoformat(since), end
    which = _MONTHS.index(month) + 1
    latest = end - timedelta(days=1)
    in_year = int(year) if year else latest.year - (which > latest.month)
    first = date(in_year, which, 1)
    following = date(in_year + which // 12, which % 12 + 1, 1)
    return (first, end) if found[0].startswith("since") else (first, following)
