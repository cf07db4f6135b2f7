"""Reasons why something that many want may still be no business, each shown with the words that say so.

A reason is given when at least two people say it among the items that speak for an opportunity and the others of its
topic. It changes no score: it is for a person to weigh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from app.services.pipeline.metric_signs import Sign, examined, sign
from app.services.pipeline.prose import own_words, sentences
from app.services.pipeline.quotes import extract
from app.services.pipeline.records import AntiPattern, Quote, Record

LEAST_PEOPLE = 2
MOST_QUOTES = 3

_RULES: Mapping[str, tuple[str, Sign]] = {
    "free_alternative": (
        "people say that something free does it",
        sign(
            ("free", "source", "foss", "pay"),
            r"(?:free|open[- ]source|foss) (?:\w+ )?(?:alternatives?|options?|versions?|tools?|apps?) (?:\w+ )?"
            r"(?:exists?|works?|does|do|is|are)",
            r"(?:is|are|it's|they're) (?:\w+ )?free(?: and|,| \W|\.|$)",
            r"(?:does|do|get|got|have) (?:\w+ ){0,3}for free",
            r"why (?:would (?:i|you|anyone) )?pay",
            r"(?:not|never|won't|wouldn't) pay for (?:something|what|this|that)",
        ),
    ),
    "enterprise_only": (
        "people say that only large organisations need or can buy it",
        sign(
            ("enterprise", "procurement", "big compan", "large compan", "sso tax", "corporat"),
            r"enterprise[- ](?:only|plans?|tier|customers?|pricing|sales|licen[cs]es?|feature)",
            r"only (?:\w+ )?(?:enterprises?|(?:big|large) (?:companies|corporations))",
            r"(?:big|large) companies (?:only|need|want|pay)",
            r"procurement|sso tax",
        ),
    ),
    "one_time_need": (
        "people need it only once",
        sign(
            ("once", "one-time", "one time", "one-off", "one off"),
            r"one[- ](?:time|off) (?:thing|job|task|need|project|migration|import|setup)",
            r"(?:only|just) (?:need(?:ed)?|used?|had to|do|did) (?:\w+ ){0,3}once",
            r"(?:need|use|do) (?:it|this|that) (?:only |just )?once(?! (?:a|per|every|i|you|we|it)\b)",
        ),
    ),
    "too_technical": (
        "people say that it is beyond those who are not technical",
        sign(
            ("technical", "complicated", "complex", "developer", "programmer", "engineer", "command line", "terminal"),
            r"too (?:technical|complicated|complex)",
            r"(?:need|have) to be (?:an? )?(?:\w+ )?(?:developer|engineer|programmer|sysadmin)",
            r"(?:non[- ]?technical|normal|average|regular) (?:users?|people|person|folks)",
            r"(?:scared|afraid) of (?:the )?(?:terminal|command line)",
        ),
    ),
    "regulation_heavy": (
        "people name rules of law that it would have to meet",
        sign(
            ("gdpr", "hipaa", "pci", "complian", "regulat", "soc 2", "soc2", "legal"),
            r"gdpr|hipaa|pci[- ]dss|soc ?2",
            r"(?:regulatory|legal) (?:\w+ )?(?:compliance|requirements?|risks?|reasons?|department|obligations?)",
            r"(?:heavily |highly )?regulated",
            r"(?:against the|by) (?:law|regulations?)",
            r"compliance (?:reasons?|requirements?|team|audits?)",
        ),
    ),
    "saturated": (
        "people say that there is plenty of it already",
        sign(
            ("dozens", "hundreds", "tons", "too many", "yet another", "crowded", "saturated", "already", "plenty"),
            r"(?:dozens of|hundreds of|tons of|plenty of|too many|so many) (?:\w+ )?"
            r"(?:apps?|tools?|alternatives|options|services|clones)",
            r"yet another (?:\w+ )?(?:apps?|tools?|service|clone)",
            r"(?:crowded|saturated) (?:market|space|field)",
            r"there (?:are|is) already (?:many|plenty|dozens|several|a lot|\d+)",
        ),
    ),
}

NAMES = tuple(_RULES)


def reader() -> Callable[[Record], frozenset[str]]:
    """Return a function that names the reasons in an item, and looks at each item only once."""
    known: dict[str, frozenset[str]] = {}

    def read(record: Record) -> frozenset[str]:
        if record.id not in known:
            known[record.id] = shown(record.text)
        return known[record.id]

    return read


def shown(text: str) -> frozenset[str]:
    """Return the names of the reasons that an author gives in his own words, not in those that he quotes."""
    whole = examined(text)
    lower = whole.lower()
    hits = {name for name, (_, rule) in _RULES.items() if rule.found(whole, lower)}
    if not hits:
        return frozenset()
    own = examined(own_words(text))
    return frozenset(name for name in hits if _RULES[name][1].found(own, own.lower()))


def find(records: Iterable[Record], read: Callable[[Record], frozenset[str]] | None = None) -> tuple[AntiPattern, ...]:
    """Return the reasons that at least two people give, the most often given first.

    Args:
        records: What speaks for an opportunity, and the rest of its topic; the most telling first.
        read: As made by `reader`, when many opportunities share items.
    """
    read = read or reader()
    saying: dict[str, list[Record]] = {}
    for record in records:
        for name in read(record):
            saying.setdefault(name, []).append(record)
    found = [
        AntiPattern(name, _RULES[name][0], len(items), quotes)
        for name, items in saying.items()
        if len({record.author or record.id for record in items}) >= LEAST_PEOPLE and (quotes := _quotes(name, items))
    ]
    return tuple(sorted(found, key=lambda pattern: (-pattern.items, pattern.name)))


def _quotes(name: str, records: Sequence[Record]) -> tuple[Quote, ...]:
    rule = _RULES[name][1]
    chosen: dict[str, Quote] = {}
    for record in records:
        author = record.author or record.id
        around = next(
            (part for part in sentences(record.text) if rule.found(examined(part.text), part.text.lower())), None
        )
        quote = None if author in chosen or around is None else extract(record, around=around)
        if quote is not None:
            chosen[author] = quote
        if len(chosen) == MOST_QUOTES:
            break
    return tuple(chosen.values())
