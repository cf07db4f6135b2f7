"""Finds what speaks against an opportunity: it works already, nobody needs it, there is no problem."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from app.services.pipeline.intents import intents as intents_of
from app.services.pipeline.prose import Sentence, own_words, sentences
from app.services.pipeline.quotes import Unlike, extract
from app.services.pipeline.records import Quote, Record
from app.services.pipeline.wants import stems

DEMANDS = frozenset({"request", "complaint", "workaround", "switching", "willingness_to_pay"})
"""Intents that speak for an opportunity."""
MOST = 5
_ALSO_CONTENT = frozenset({"switching", "willingness_to_pay", "workaround"})
"""What content people say of the past as well: they changed, they pay, they do it by hand and like it."""
_SENTENCES = 30

_DOUBTS = (
    r"already (?:works?|does|do|exists?|supports?|supported|possible|has|have|there|built|solved)",
    (
        r"(?:works|(?:it|they|these|those|all|both|will|should|does|do) work) "
        r"(?!as well)(?:(?!as\b)\w+ ){0,2}(?:fine|well|great|perfectly|flawlessly|reliably|already)"
    ),
    r"(?:don't|do not|doesn't|never) (?:\w+ )?need",
    r"no(?:body| one)(?: \w+){0,4} (?:needs?|wants?|asked)",
    r"no(?:body| one) (?:really |actually |even |else )?uses",
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


_CAUSE = re.compile(
    r"\b(?:because|since|after|over|until|due to|no longer|too|not|never|cannot|stopped|without|lost|lacks?|lacking"
    r"|fed up|tired|\w+n['\u2019]t)\b",
    re.IGNORECASE,
)


def doubts(text: str) -> bool:
    """Return True when `text` says in words that there is nothing to solve."""
    return _DOUBT.search(text[:2_000].replace("\u2019", "'")) is not None


def demands(text: str) -> frozenset[str]:
    """Return the intents for which `text`, a quote or a sentence, speaks for an opportunity; none when it doubts."""
    if doubts(text):
        return frozenset()
    wanted = intents_of(own_words(text))
    found = _caused(DEMANDS.intersection(wanted), text)
    return frozenset() if "praise" in wanted and found <= _ALSO_CONTENT else frozenset(found)


def supports(record: Record, wanted: Iterable[str]) -> bool:
    """Return True when an item that wants this speaks for an opportunity: nobody who is content, or who doubts it.

    Who changed products and praises the new one, or pays for what there is and needs no more, has no need left.
    """
    wanted = set(wanted)
    found = _caused(wanted & DEMANDS, record.text)
    if not found or not found <= _ALSO_CONTENT:
        return bool(found)
    return "praise" not in wanted and not doubts(own_words(record.text))


def _caused(found: AbstractSet[str], text: str) -> AbstractSet[str]:
    """Leave out a change of products for which no reason is given: it need not be this problem."""
    return found if found != {"switching"} or _CAUSE.search(text) else frozenset()


def find(
    records: Sequence[Record], intents: Mapping[str, Sequence[str]], about: Iterable[str] = ()
) -> dict[str, Sentence]:
    """Return, by item id, the sentence with which items of one topic speak against solving anything in it.

    Outright doubt comes first, then praise of how it already is. A sentence that asks or complains is neither.

    Args:
        records: The topic's items, the closest to its middle first.
        intents: What each of them wants, by id.
        about: The topic's words: praise counts only when it names one of them.
    """
    telling = stems(" ".join(about))
    outright: dict[str, Sentence] = {}
    content: dict[str, Sentence] = {}
    for record in records:
        wanted = set(intents.get(record.id, ()))
        if wanted & (DEMANDS - {"complaint"}):
            continue
        doubting = doubts(own_words(record.text))
        if not doubting and ("praise" not in wanted or wanted & DEMANDS):
            continue
        for part in sentences(record.text)[:_SENTENCES]:
            said = frozenset(intents_of(own_words(part.text)))
            if said & DEMANDS or "question" in said:
                continue
            if doubts(part.text):
                outright[record.id] = part
                break
            if "praise" in said and not wanted & DEMANDS and (not telling or telling & stems(part.text)):
                content.setdefault(record.id, part)
    return outright | {item: part for item, part in content.items() if item not in outright}


def quotes(found: Mapping[str, Sentence], records: Iterable[Record], shown: Iterable[str] = ()) -> tuple[Quote, ...]:
    """Return up to five quotes around the sentences found: each of another person, each saying something else.

    Args:
        found: As from `find`.
        records: The items that they stand in.
        shown: Texts of quotes that are shown already, for or against.
    """
    by_id = {record.id: record for record in records}
    unlike = Unlike(shown)
    chosen: list[Quote] = []
    authors: set[str] = set()
    threads: set[str] = set()
    for same_thread in (False, True):
        for item, part in found.items():
            record = by_id[item]
            author = record.author or record.id
            if author in authors or len(chosen) == MOST or (record.thread in threads and not same_thread):
                continue
            quote = extract(record, around=part, alone=True)
            if quote is None or not unlike.add(quote.text):
                continue
            authors.add(author)
            threads.add(record.thread)
            chosen.append(quote)
    return tuple(chosen)
