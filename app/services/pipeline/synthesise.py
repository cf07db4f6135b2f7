"""Turns topics into opportunities: any engine proposes, one guard disposes.

topics + items ──engine.propose──▶ proposals ──check──▶ opportunities, each with evidence that stands in stored items

Collected text and engines' answers are data. The guard takes over no item id that it did not hand out, no quote that
does not stand in its item, no number, no markup and no link; it computes every metric itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from app.services.pipeline import anti_patterns, counter_evidence
from app.services.pipeline.borrowed import Borrowed
from app.services.pipeline.counter_evidence import DEMANDS
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.intents import intents as intents_of
from app.services.pipeline.opportunity_metrics import assess
from app.services.pipeline.plain_text import plain
from app.services.pipeline.proposals import KINDS, Engine, Proposal
from app.services.pipeline.prose import Sentence, own_words
from app.services.pipeline.quotes import LONGEST, Unlike, verify
from app.services.pipeline.records import OpportunityFound, Quote, Record, TopicFound, Verification
from app.services.pipeline.writers import by_whom

MOST_OPPORTUNITIES = 40
MOST_QUOTES = 12
LONGEST_TITLE = 90
LONGEST_SUMMARY = 400


def synthesise(
    engine: Engine,
    topics: Sequence[TopicFound],
    records: Sequence[Record],
    intents: Mapping[str, Sequence[str]] | None = None,
    *,
    seed: int = 0,
) -> list[OpportunityFound]:
    """Return the opportunities in `records`, the highest score first.

    Args:
        engine: Who proposes.
        topics: As found by `cluster`.
        records: The items that `cluster` saw.
        intents: What each item wants, by id, as found by `score`; found again when None.
        seed: For the intervals.
    """
    people = voices(records)
    return _checked(engine.propose(topics, people), records, people, topics, intents, engine.name, seed)


def check(
    proposals: Iterable[Proposal],
    records: Sequence[Record],
    topics: Sequence[TopicFound] = (),
    intents: Mapping[str, Sequence[str]] | None = None,
    *,
    engine: str = "local",
    seed: int = 0,
) -> list[OpportunityFound]:
    """Return what is left of `proposals` when nothing is believed; never raises on an engine's answer."""
    return _checked(proposals, records, voices(records), topics, intents, engine, seed)


def voices(records: Sequence[Record]) -> list[Record]:
    """Return the items of people: without those that were removed, and those that try to command a machine."""
    return [record for record in records if not record.removed and not speaks_to_machines(record.text)]


def _checked(
    proposals: Iterable[Proposal],
    records: Sequence[Record],
    voices: Sequence[Record],
    topics: Sequence[TopicFound],
    intents: Mapping[str, Sequence[str]] | None,
    engine: str,
    seed: int,
) -> list[OpportunityFound]:
    proposals = list(proposals)
    shown = [text for proposal in proposals for text in (proposal.title, proposal.summary)]
    guard = _Guard(voices, topics, intents, engine, seed, Borrowed(shown, records, LONGEST_SUMMARY))
    found = [checked for proposal in proposals if (checked := guard.checked(proposal)) is not None]
    found.sort(key=lambda item: (-item.score, -item.items, item.title))
    return _different(found)[:MOST_OPPORTUNITIES]


class _Guard:
    def __init__(
        self,
        records: Sequence[Record],
        topics: Sequence[TopicFound],
        intents: Mapping[str, Sequence[str]] | None,
        engine: str,
        seed: int,
        borrowed: Borrowed,
    ) -> None:
        self._records = {record.id: record for record in records}
        self._topic_of = {record.id: record.topic for record in records if record.topic is not None}
        self._topic_of |= {item: topic.number for topic in topics for item in topic.item_ids}
        self._topics = {topic.number: topic for topic in topics}
        self._intents = intents
        self._engine = engine
        self._seed = seed
        self._borrowed = borrowed
        self._reasons = anti_patterns.reader()

    def checked(self, proposal: Proposal) -> OpportunityFound | None:
        unlike = Unlike()
        voiced = [quote for quote in self._quotes(proposal.quotes) if not counter_evidence.doubts(quote.text)]
        evidence = tuple(quote for quote in voiced if unlike.add(quote.text))
        wanted = [item for item in (*(quote.item_id for quote in voiced), *proposal.item_ids) if item in self._records]
        supporters = [self._records[item] for item in dict.fromkeys(wanted)]
        if not evidence:
            return None
        topic = self._topic(supporters)
        supporting = {record.id for record in supporters}
        others = [record for record in self._members(topic) if record.id not in supporting]
        contrary = self._contrary(topic, others)
        against = self._against(proposal, [self._records[item] for item in contrary], supporting)
        named = [quote for quote in self._quotes(proposal.against) if quote.item_id in against]
        quoted = tuple(quote for quote in named if not counter_evidence.demands(quote.text) and unlike.add(quote.text))
        spoken = {quote.item_id for quote in quoted}
        shown = [quote.text for quote in (*evidence, *quoted)]
        quoted += counter_evidence.quotes(
            {item: part for item, part in contrary.items() if item in against and item not in spoken},
            against.values(),
            shown,
        )
        intents = {record.id: self._wanted(record) for record in supporters}
        numbers = assess(supporters, intents, total=len(self._records), against=len(against), seed=self._seed)
        kind = proposal.kind if proposal.kind in KINDS else _kind(intents)
        by = by_whom(numbers.authors, numbers.unnamed)
        return OpportunityFound(
            title=self._own(proposal.title, LONGEST_TITLE) or self._fallback(topic, kind),
            summary=self._own(proposal.summary, LONGEST_SUMMARY)
            or f"{len(supporters)} items by {by} in {numbers.threads} threads speak of it.",
            kind=kind,
            score=numbers.score,
            score_interval=numbers.interval,
            confidence=numbers.confidence,
            metrics=numbers.metrics,
            evidence=evidence[:MOST_QUOTES],
            against=quoted[: counter_evidence.MOST],
            topic=topic,
            items=len(supporters),
            authors=numbers.authors,
            unnamed=numbers.unnamed,
            threads=numbers.threads,
            engine=proposal.engine or self._engine,
            supporters=tuple(record.id for record in supporters),
            anti_patterns=anti_patterns.find((*supporters, *others), self._reasons),
        )

    def _wanted(self, record: Record) -> Sequence[str]:
        known = None if self._intents is None else self._intents.get(record.id)
        return intents_of(own_words(record.text), record.sentiment) if known is None else known

    def _quotes(self, proposed: Sequence[tuple[str, str]]) -> tuple[Quote, ...]:
        found: dict[tuple[str, int, int], Quote] = {}
        for item, words in proposed[:200]:
            record = self._records.get(item)
            if record is None:
                continue
            kind, start, end = verify(words, record.text)
            if kind is not Verification.UNVERIFIED and end - start <= 2 * LONGEST:
                found.setdefault((item, start, end), Quote(item, record.text[start:end], start, end, kind))
        return tuple(found.values())

    def _topic(self, supporters: Sequence[Record]) -> int | None:
        counts = Counter(self._topic_of.get(record.id) for record in supporters)
        number, _ = min(counts.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or 0))
        return number

    def _members(self, topic: int | None) -> list[Record]:
        if topic is None:
            return []
        order = self._topics[topic].item_ids if topic in self._topics else tuple(self._records)
        return [self._records[item] for item in order if item in self._records and self._topic_of.get(item) == topic]

    def _contrary(self, topic: int | None, others: Sequence[Record]) -> dict[str, Sentence]:
        known = None if topic is None else self._topics.get(topic)
        about = () if known is None else (known.name, *known.terms)
        return counter_evidence.find(others, {record.id: self._wanted(record) for record in others}, about)

    def _against(self, proposal: Proposal, found: Sequence[Record], supporting: set[str]) -> dict[str, Record]:
        """Return what speaks against it: found by us in its topic, or named by the engine with a true quote."""
        named = [self._records[quote.item_id] for quote in self._quotes(proposal.against)]
        return {record.id: record for record in (*named, *found) if record.id not in supporting}

    def _own(self, text: str, longest: int) -> str:
        """Return `text` as plain words, or nothing when it repeats the words of a single person."""
        clean = plain(text, longest)
        return "" if self._borrowed.repeats(clean) else clean

    def _fallback(self, topic: int | None, kind: str) -> str:
        name = self._topics[topic].name if topic in self._topics and topic is not None else "one subject"
        return f"{_PLAIN_KINDS[kind]} {name}"


_PLAIN_KINDS = {
    "request": "What people ask for around",
    "complaint": "What goes wrong with",
    "workaround": "How people make do with",
    "switching": "Why people leave over",
    "willingness_to_pay": "What people would pay for around",
    "question": "What people ask about",
}


def _kind(intents: Mapping[str, Sequence[str]]) -> str:
    counts = Counter(name for wanted in intents.values() for name in wanted if name in DEMANDS | {"question"})
    return min(counts, key=lambda name: (-counts[name], name)) if counts else "request"


def _different(found: list[OpportunityFound]) -> list[OpportunityFound]:
    """Leave out what repeats a stronger one: the same title, or the same evidence."""
    titles: set[str] = set()
    spans: set[tuple[str, int, int]] = set()
    kept = []
    for item in found:
        marks = {(quote.item_id, quote.start, quote.end) for quote in item.evidence}
        if item.title.lower() in titles or marks <= spans:
            continue
        titles.add(item.title.lower())
        spans |= marks
        kept.append(item)
    return kept
