"""Puts what a model and the local engine propose together: the model words and joins, the local engine counts.

A model reads a few items of each topic, so it cannot know who else speaks for a finding: everybody does whom the local
engine counts for that topic. Where a model's finding is refused, or missing, the local one stands as it is.

local: one finding a topic, with all who speak for it ──┐
                                                        ├─▶ one list of proposals, each with who worded it
model: title, summary, kind, quotes, topics joined ─────┘
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from app.services.pipeline import counter_evidence
from app.services.pipeline.borrowed import Borrowed
from app.services.pipeline.model_answers import Cited, Said
from app.services.pipeline.model_words import Vocabulary, own_sentence
from app.services.pipeline.proposals import KINDS, Proposal
from app.services.pipeline.quotes import extract, verify
from app.services.pipeline.records import Record, TopicFound, Verification
from app.services.pipeline.synthesise import LONGEST_SUMMARY, LONGEST_TITLE
from app.services.pipeline.wants import stems

LEAST_ITEMS, LEAST_AUTHORS = 3, 2
"""As the local engine has it: fewer voices are an anecdote."""
MOST_JOINED = 3
_COMMON_TERMS = 2
"""Terms that topics must share before a model may join them."""
LONGEST_SENTENCE = 240
MOST_SENTENCES = 5


class Combiner:
    """Checks what a model says of the topics and items of one analysis."""

    def __init__(
        self,
        topics: Sequence[TopicFound],
        records: Sequence[Record],
        intents: Mapping[str, Sequence[str]],
        everything: Sequence[Record],
    ) -> None:
        """Prepare.

        Args:
            topics: As found by `cluster`.
            records: The items worth weighing.
            intents: What each of them wants, by id.
            everything: All that was collected, also spam and orders to machines: their words must not come back.
        """
        self._topics = {topic.number: topic for topic in topics}
        self._records = {record.id: record for record in records}
        self._intents = intents
        self._everything = everything
        self._vocabulary = Vocabulary(records)

    def together(self, local: Sequence[Proposal], said: Sequence[Said]) -> list[Proposal]:
        """Return one list of proposals out of both."""
        topic_of = {item: number for number, topic in self._topics.items() for item in topic.item_ids}
        by_topic: dict[int, Proposal] = {}
        for proposal in local:
            counts = Counter(topic_of.get(item) for item in proposal.item_ids)
            number = max(counts, key=lambda one: (counts[one], -(one if one is not None else 1 << 30)), default=None)
            if number is not None:
                by_topic.setdefault(number, proposal)
        borrowed = self._borrowed(text for one in said for text in (one.proposal.title, one.proposal.summary))
        worded: list[Proposal] = []
        used: set[int] = set()
        for one in map(self._whole, said):
            numbers = self._joined(one, topic_of, used)
            merged = self._merged(one, numbers, by_topic, borrowed) if numbers else None
            if merged is not None:
                worded.append(merged)
                used |= set(numbers)
        return [*worded, *(proposal for number, proposal in by_topic.items() if number not in used)]

    def sentences(self, proposed: Sequence[Cited]) -> list[Cited]:
        """Return the sentences of a summary that may be shown, in their order."""
        borrowed = self._borrowed(cited.text for cited in proposed)
        found: list[Cited] = []
        for cited in proposed:
            items = tuple(item for item in cited.item_ids if item in self._records)
            line = own_sentence(cited.text, LONGEST_SENTENCE, vocabulary=self._vocabulary, borrowed=borrowed)
            if line and items and not self._foreign(line, items):
                found.append(Cited(line.rstrip(".") + ".", items[:12]))
        return found[:MOST_SENTENCES]

    def _foreign(self, line: str, items: Sequence[str]) -> bool:
        """Return True when a sentence shares no telling word with any item that it cites."""
        telling = stems(line)
        return not any(telling & stems(self._records[item].text) for item in items)

    def _whole(self, one: Said) -> Said:
        """Return what was said with whole sentences for quotes: a model writes only how they begin.

        A quote that does not stand in its item is left out.
        """
        quotes, against = (self._sentences_of(quoted) for quoted in (one.proposal.quotes, one.proposal.against))
        return replace(one, proposal=replace(one.proposal, quotes=quotes, against=against))

    def _sentences_of(self, quoted: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        found = []
        for item, words in quoted:
            record = self._records.get(item)
            if record is None:
                continue
            kind, start, end = verify(words, record.text)
            if kind is Verification.UNVERIFIED:
                continue
            sentence = extract(record, around=words, alone=True)
            longer = sentence is not None and sentence.start <= start and end <= sentence.end
            found.append((item, sentence.text if sentence is not None and longer else words))
        return tuple(found)

    def _joined(self, one: Said, topic_of: Mapping[str, int], used: set[int]) -> list[int]:
        """Return the topics that a finding speaks of: its own, and those that it may join to it."""
        quoted: set[int] = set()
        for item, words in one.proposal.quotes:
            if item in topic_of and not counter_evidence.doubts(words):
                quoted.add(topic_of[item])
        free = [number for number in one.topics if number in quoted and number not in used]
        if not free:
            return []
        terms = stems(" ".join(self._topics[free[0]].terms))
        others = [
            number for number in free[1:] if len(terms & stems(" ".join(self._topics[number].terms))) >= _COMMON_TERMS
        ]
        return [free[0], *others][:MOST_JOINED]

    def _merged(
        self, one: Said, numbers: Sequence[int], by_topic: Mapping[int, Proposal], borrowed: Borrowed
    ) -> Proposal | None:
        proposal = one.proposal
        terms = [term for number in numbers for term in (self._topics[number].name, *self._topics[number].terms)]
        inside = {item for number in numbers for item in self._topics[number].item_ids}
        vocabulary = Vocabulary(self._records[item] for item in inside if item in self._records)
        title = own_sentence(proposal.title, LONGEST_TITLE, vocabulary=vocabulary, borrowed=borrowed, terms=terms)
        if title is None:
            return None
        summary = own_sentence(proposal.summary, LONGEST_SUMMARY, vocabulary=vocabulary, borrowed=borrowed, terms=terms)
        quotes = tuple((item, words) for item, words in proposal.quotes if item in inside)
        counted = [by_topic[number] for number in numbers if number in by_topic]
        speakers = [
            *(item for item, _ in quotes),
            *(item for item in proposal.item_ids if item in inside and self._wants(item)),
            *(item for base in counted for item in base.item_ids),
        ]
        items = tuple(dict.fromkeys(item for item in speakers if item in self._records))
        if len(items) < LEAST_ITEMS or len({self._records[item].author or item for item in items}) < LEAST_AUTHORS:
            return None
        kind = proposal.kind or (counted[0].kind if counted else "")
        return replace(
            proposal,
            title=title[:1].upper() + title[1:],
            summary="" if summary is None else summary.rstrip(".") + ".",
            kind=kind,
            item_ids=items,
            quotes=(*quotes, *(quote for base in counted for quote in base.quotes)),
            against=tuple((item, words) for item, words in proposal.against if item in inside),
        )

    def _wants(self, item: str) -> bool:
        """Return whether the local stages found that an item wants something: a handle alone convinces nobody."""
        wanted = set(self._intents.get(item, ()))
        return bool(wanted & set(KINDS)) and "praise" not in wanted

    def _borrowed(self, texts: Iterable[str]) -> Borrowed:
        return Borrowed(texts, self._everything, LONGEST_SUMMARY)
