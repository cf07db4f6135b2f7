"""Words by which an item gives evidence for a metric. A cheap look for a cue spares most items the pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EXAMINED = 2_000
"""Characters of an item that are looked at."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern, and the words without one of which it cannot match."""

    cues: tuple[str, ...]
    """In lower case."""
    pattern: re.Pattern[str]

    def found(self, text: str, lower: str) -> re.Match[str] | None:
        """Return where `text` shows it; `lower` is the same text in lower case."""
        for cue in self.cues:  # `any` takes three times as long
            if cue in lower:
                return self.pattern.search(text)
        return None


def sign(cues: Iterable[str], *alternatives: str) -> Sign:
    """Return a sign of whole words."""
    return Sign(tuple(cues), re.compile(r"\b(?:" + "|".join(alternatives) + r")(?!\w)", re.IGNORECASE))


def examined(text: str) -> str:
    """Return the part of a text that signs are looked for in, with plain apostrophes."""
    return text[:EXAMINED].replace("\u2019", "'")


URGENT = Sign(
    (
        "asap",
        "urgent",
        "immediately",
        "right now",
        "deadline",
        "every single",
        "every day",
        "every time",
        "every week",
        "every night",
        "every month",
        "daily",
        "constantly",
        "again and again",
        "d time",
        "th time",
        "lost ",
        "data loss",
        "can't ",
        "cannot ",
        "badly",
        "desperate",
        "critical",
        "blocker",
        "losing",
        "keep",
        "always ",
        "cost ",
        "costs ",
        "incident",
        "whole ",
        "hours",
    ),
    re.compile(
        r"\b(?:asap|urgent(?:ly)?|immediately|right now|deadline|every (?:single )?(?:day|time|week|night|month)|daily|"
        r"constantly|again and again|(?:second|third|\d+(?:th|rd|nd)) time|lost (?:all|my|everything|data|\w* ?hours)|"
        r"data loss|(?:can't|cannot) (?:wait|work|use)|badly|desperate(?:ly)?|critical|blocker|losing|"
        r"keeps? \w+ing|always (?:fails?|breaks?)|costs? (?:me|us)|incidents?|whole (?:day|evening|weekend)|hours)\b",
        re.IGNORECASE,
    ),
)

SIGNS: Mapping[str, Sign] = {
    "priced": Sign(
        (
            "$",
            "€",
            "£",
            "dollar",
            "bucks",
            "usd",
            "eur",
            "quid",
            *(f"{each} {what}" for each in ("per", "a") for what in ("month", "year", "seat", "user")),
            "subscription",
            "lifetime",
            "one-time",
        ),
        re.compile(
            r"[$€£] ?\d|\d ?[€£]|\b\d+ ?(?:dollars|bucks|euros?|usd|eur|quid)\b|"
            r"\b(?:per|a) (?:month|year|seat|user)\b.{0,40}\b(?:pay|price|cost|charge)|"
            r"\b(?:pay|price|cost|charge)\w*\b.{0,40}\b(?:per|a) (?:month|year|seat|user)\b|"
            r"\b(?:subscriptions?|lifetime (?:licen[cs]e|deal)|one-time (?:fee|payment|purchase))\b",
            re.IGNORECASE,
        ),
    ),
    "rival": sign(
        ("alternative", "competitor", "compared", " versus ", " vs", "instead", "tried"),
        r"alternatives?",
        r"competitors?",
        r"compared (?:to|with)",
        r"vs\.?|versus",
        r"(?:i|we) (?:now )?use \w+ instead",
        r"(?:i|we)(?:'ve| have)? tried (?:\w+(?:,? and |, | or )){1,4}\w+",
    ),
    "locked": sign(
        ("lock", "export", "migrat", "switch", "move", "stuck", "leave", "learn"),
        r"(?:vendor )?lock(?:ed)?[- ]in",
        r"(?:can't|cannot|can not|no way to|impossible to|couldn't) (?:\w+ )?(?:export|migrate|move|leave|switch)",
        r"(?:too much (?:work|effort|trouble)|a pain|painful|a nightmare|hard|expensive) to "
        r"(?:migrate|move|switch|leave)",
        r"migrat(?:ion|ing) (?:is|was|would be|took) (?:\w+ )?"
        r"(?:pain|painful|hard|a nightmare|days|weeks|months|risky)",
        r"stuck (?:with|on) (?:it|them|this)",
        r"(?:everyone|whole team|all of us) (?:would )?(?:have|has) to (?:re-?)?learn",
    ),
    "impossible": sign(
        ("impossible", "possible", "can't be done", "api", "allow", "no way"),
        r"(?:technically )?impossible to (?:build|make|do|implement|solve|get)",
        r"not (?:technically )?possible",
        r"can't be done",
        r"(?:the |their )?api (?:doesn't|does not|won't) (?:allow|support|expose|let)",
        r"no (?:public )?api",
    ),
}
