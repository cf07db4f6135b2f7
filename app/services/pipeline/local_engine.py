"""The engine that needs no model: takes what people ask for out of their own words. Free, deterministic, offline.

topic ──▶ items that want something ──▶ the want most people share ──▶ title
                                   └──▶ the clearest sentence of each ──▶ quotes
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from app.services.pipeline import wants
from app.services.pipeline.counter_evidence import demands, doubts, supports
from app.services.pipeline.intents import intents as intents_of
from app.services.pipeline.proposals import KINDS, Proposal
from app.services.pipeline.prose import Sentence, own_words, sentences
from app.services.pipeline.quotes import Unlike, extract
from app.services.pipeline.records import Quote, Record, TopicFound
from app.services.pipeline.writers import by_whom, writer

LEAST_ITEMS = 3
LEAST_AUTHORS = 2
"""Fewer voices are an anecdote, and no opportunity."""
MOST_QUOTES = 8
_CANDIDATES = 40
"""Items tried for quotes."""
_SHARED_STEMS = 0.5

_SAYS = {
    "request": "ask for it outright",
    "complaint": "complain",
    "workaround": "found a workaround",
    "switching": "changed products over it",
    "willingness_to_pay": "would pay",
    "question": "ask how others do it",
}


class LocalEngine:
    """Extractive synthesis over one analysis."""

    name = "local"

    def __init__(self, intents: Mapping[str, Sequence[str]] | None = None) -> None:
        """Prepare the engine.

        Args:
            intents: What each item wants, by id, as found by `score`; found again for those that are missing.
        """
        self._intents = dict(intents or {})

    def propose(self, topics: Sequence[TopicFound], records: Sequence[Record]) -> list[Proposal]:
        """Return at most one proposal per topic, the one with most people behind it first."""
        by_id = {record.id: record for record in records}
        found = []
        for topic in topics:
            members = [by_id[item] for item in topic.item_ids if item in by_id and not by_id[item].removed]
            supporters = [record for record in members if supports(record, self._wanted(record))]
            if not _enough(supporters):
                asking = {record.id for record in members if self._asks(record)}
                supporters = [record for record in members if record in supporters or record.id in asking]
            if _enough(supporters):
                found.append((len({writer(record) for record in supporters}), self._proposal(topic, supporters)))
        return [proposal for _, proposal in sorted(found, key=lambda pair: -pair[0])]

    def _wanted(self, record: Record) -> set[str]:
        if record.id not in self._intents:
            self._intents[record.id] = intents_of(own_words(record.text), record.sentiment)
        return set(self._intents[record.id])

    def _asks(self, record: Record) -> bool:
        wanted = self._wanted(record)
        return "question" in wanted and "praise" not in wanted and not doubts(own_words(record.text))

    def _proposal(self, topic: TopicFound, supporters: list[Record]) -> Proposal:
        counts = Counter(intent for record in supporters for intent in self._wanted(record) if intent in KINDS)
        kind = min(
            (intent for intent in counts if intent != "question"),
            key=lambda name: (-counts[name], name),
            default="question",
        )
        # Titles name what is wanted; complaints outnumber requests nearly everywhere, so a third of them is a request.
        if kind == "complaint" and counts["request"] * 3 >= counts["complaint"]:
            kind = "request"
        return Proposal(
            title=self._title(topic, supporters, kind),
            summary=_summary(topic, supporters, counts),
            kind=kind,
            item_ids=tuple(record.id for record in supporters),
            quotes=self._quotes(topic, supporters, kind),
        )

    def _title(self, topic: TopicFound, supporters: list[Record], kind: str) -> str:
        shared = _shared_want(supporters, topic)
        if shared is not None:
            if shared.action:
                return f"A way to {shared.phrase}"
            return shared.phrase[:1].upper() + shared.phrase[1:]
        name = topic.name
        named = {
            "request": f"A better answer for {name}",
            "complaint": f"Trouble with {name}",
            "workaround": f"Makeshift solutions for {name}",
            "switching": f"People leave over {name}",
            "willingness_to_pay": f"People would pay for {name}",
            "question": f"Open questions about {name}",
        }
        return named[kind]

    def _quotes(self, topic: TopicFound, supporters: list[Record], kind: str) -> tuple[tuple[str, str], ...]:
        """Return the clearest sentence of different people, kinds taking turns so that each voice is heard."""
        turns: defaultdict[str, list[Record]] = defaultdict(list)
        for record in supporters:
            for intent in sorted(self._wanted(record) & set(KINDS)):
                turns[intent].append(record)
        telling = wants.stems(" ".join((topic.name, *topic.terms)))
        order = [kind, *(name for name in KINDS if name != kind and turns[name])]
        queue = [
            (turns[intent][at], intent) for at in range(_CANDIDATES) for intent in order if at < len(turns[intent])
        ]
        known: dict[tuple[str, str], Quote | None] = {}
        chosen: list[tuple[str, str]] = []
        authors: set[str] = set()
        threads: set[str] = set()
        unlike = Unlike()
        # On the subject and from new threads first; what names no subject only where there is little else.
        for to_the_point, same_thread, most in (
            (True, False, MOST_QUOTES),
            (True, True, MOST_QUOTES),
            (False, True, 3),
        ):
            for record, intent in queue:
                author = record.author or record.id
                if len(chosen) >= most or author in authors or (record.thread in threads and not same_thread):
                    continue
                if (record.id, intent) not in known:
                    known[record.id, intent] = _clearest(record, intent, telling)
                quote = known[record.id, intent]
                pointed = quote is not None and (not to_the_point or bool(telling & wants.stems(quote.text)))
                if quote is not None and pointed and unlike.add(quote.text):
                    authors.add(author)
                    threads.add(record.thread)
                    chosen.append((record.id, quote.text))
        return tuple(chosen)


def _enough(records: Sequence[Record]) -> bool:
    return len(records) >= LEAST_ITEMS and len({record.author or record.id for record in records}) >= LEAST_AUTHORS


def _clearest(record: Record, intent: str, telling: frozenset[str]) -> Quote | None:
    """Return the quote that shows the intent itself, if possible with the subject: "It is a hack" says little."""
    best: tuple[int, Sentence] | None = None
    for part in sentences(record.text)[:30]:
        if not _shows(part.text, intent):
            continue
        about = len(telling & wants.stems(part.text))
        if best is None or about > best[0]:
            best = (about, part)
    if best is None:
        return None
    quote = extract(record, around=best[1])
    if quote is None or not _shows(quote.text, intent):
        quote = extract(record, around=best[1], alone=True)
    return quote if quote is not None and _shows(quote.text, intent) else None


def _shows(text: str, intent: str) -> bool:
    if intent != "question":
        return intent in demands(text)
    said = intents_of(own_words(text))
    return "question" in said and "praise" not in said and not doubts(text)


def _shared_want(supporters: list[Record], topic: TopicFound) -> wants.Want | None:
    """Return the want that the most different people have, in the words of the one closest to all of them.

    Two other people at least must share half of its telling words, so that no single item writes a title.
    """
    found: list[tuple[str, wants.Want]] = []
    for record in supporters:
        author = record.author or record.id
        found += [(author, want) for want in wants.find(own_words(record.text))]
    telling = wants.stems(" ".join((topic.name, *topic.terms)))
    people: dict[frozenset[str], set[str]] = defaultdict(set)
    for author, want in found:
        people[want.stems].add(author)
    people_by_phrase: dict[str, set[str]] = defaultdict(set)
    for author, want in found:
        people_by_phrase[want.phrase.lower()].add(author)
    best: tuple[float, str] | None = None
    chosen = None
    for want in {(want.phrase.lower(), want.action): want for _, want in found}.values():
        backers: set[str] = set()
        for other, authors in people.items():
            if len(want.stems & other) >= _SHARED_STEMS * max(len(want.stems), len(other)):
                backers |= authors
        verbatim = people_by_phrase[want.phrase.lower()]
        if len(backers) < 3 or not want.stems & telling or (len(verbatim) < 2 and len(want.phrase.split()) > 4):
            continue
        # Short ones read best; ones that hold the topic's own words are to the point.
        weight = len(backers) * (1 + len(want.stems & telling) / len(want.stems)) * (1.2 if want.action else 1.0)
        rank = (-weight, want.phrase.lower())
        if best is None or rank < best:
            best, chosen = rank, want
    return chosen


def _summary(topic: TopicFound, supporters: list[Record], counts: Counter[str]) -> str:
    people = len({writer(record) for record in supporters})
    by = by_whom(people, sum(not record.author for record in supporters))
    threads = len({record.thread for record in supporters})
    said = [
        f"{count} {_SAYS[name]}"
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
        if count > 1
    ][:3]
    first = f"{_count(len(supporters), 'item')} by {by} in {_count(threads, 'thread')}"
    first += f": {_join(said)}." if said else "."
    return f"{first} They often mention {_join(list(topic.terms[:4]))}."


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
