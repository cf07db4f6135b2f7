"""Finds what speaks against an opportunity: it works already, nobody needs it, there is no problem."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from app.services.pipeline.prose import own_words, sentences
from app.services.pipeline.quotes import extract
from app.services.pipeline.records import Quote, Record

DEMANDS = frozenset({"request", "complaint", "workaround", "switching", "willingness_to_pay"})
"""Intents that speak for an opportunity."""
MOST = 5

_DOUBTS = (
    r"already (?:works?|does|do|exists?|supports?|supported|possible|has|have|there|built|solved)",
    r"works? (?:\w+ ){0,2}(?:fine|well|great|perfectly|flawlessly|reliably|already)",
    r"(?:don't|do not|doesn't|never) (?:\w+ )?need",
    r"no(?:body| one)(?: \w+){0,4} (?:needs?|wants?|uses?|asked)",
    r"not (?:needed|necessary|worth|a problem|an issue|that hard|so hard)",
    r"no (?:need|problems?|issues?|trouble|complaints)",
    r"(?:is|are|sounds?|seems?) (?:\w+ )?(?:overrated|overkill|pointless|unnecessary|overblown)",
    r"a (?:solved problem|non-?issue)",
    r"unpopular opinion|counter ?point",
    r"(?:i |respectfully )?disagree",
    r"never had (?:an?|any) (?:problem|issue)s?",
    r"(?:i|we) (?:would|will)(?:n't| not| never) (?:\w+ )?(?:pay|use|switch)",
    r"won't (?:pay|use|switch)",
    r"(?:is|are|runs?|been) (?:\w+ )?fine",
    r"good enough|waste of time",
    r"more (?:trouble|work|harm) than",
    r"adds? (?:more )?complexity",
)
_DOUBT = re.compile(r"\b(?:" + "|".join(_DOUBTS) + r")\b", re.IGNORECASE)


def doubts(text: str) -> bool:
    """Return True when `text` says in words that there is nothing to solve."""
    return _DOUBT.search(text[:2_000].replace("\u2019", "'")) is not None


def find(records: Sequence[Record], intents: Mapping[str, Sequence[str]]) -> list[Record]:
    """Return the items of one topic that speak against solving anything in it: outright doubt first, then plain praise.

    Args:
        records: The topic's items, the closest to its middle first.
        intents: What each of them wants, by id.
    """
    outright, content = [], []
    for record in records:
        wanted = set(intents.get(record.id, ()))
        words = own_words(record.text)
        if doubts(words) and not wanted & (DEMANDS - {"complaint"}):
            outright.append(record)
        elif "praise" in wanted and not wanted & DEMANDS:
            content.append(record)
    return outright + content


def quotes(records: Sequence[Record]) -> tuple[Quote, ...]:
    """Return up to five quotes from the items found, one per author, each around the words of doubt."""
    chosen: list[Quote] = []
    authors: set[str] = set()
    for record in records:
        author = record.author or record.id
        if author in authors:
            continue
        around = next((part for part in sentences(record.text) if doubts(part.text)), None)
        quote = extract(record, around=around)
        if quote is not None:
            authors.add(author)
            chosen.append(quote)
        if len(chosen) == MOST:
            break
    return tuple(chosen)
