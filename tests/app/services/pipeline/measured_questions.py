"""Asks the sandbox's talk the questions of `asked_questions` and counts; run it for the figures of the docs."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.services.pipeline import answering
from app.services.pipeline.answer_parts import Answered, Fact, Voice
from app.services.pipeline.answering import answer
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.intents import intents, spans
from app.services.pipeline.records import Record
from app.services.pipeline.retrieval import Builder, Index
from app.services.pipeline.understanding import Known, understand
from integrations.sandbox.corpus import Item, generate
from tests.app.services.pipeline.asked_questions import ANSWERABLE, UNANSWERABLE

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@dataclass
class Measured:
    """What came of the questions."""

    answerable: int = 0
    answered: int = 0
    unanswerable: int = 0
    not_in_data: int = 0
    citations: int = 0
    right: int = 0
    machines: int = 0
    """Quotes from items that speak to machines: none may be."""
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


class Asked:
    """The sandbox's talk, ready to be asked without a database."""

    def __init__(self, *, scale: float = 1.0, voice: str = "a", seed: int = 7) -> None:
        self._corpus = generate(seed, scale, voice)
        builder = Builder()
        self.texts: dict[str, str] = {}
        """What can be found, by the item's id."""
        for item in self._corpus.items:
            truth = item.truth
            honest = item.text and not (truth.spam or truth.duplicate_of or truth.removed)
            if honest and not speaks_to_machines(_text(item)):
                builder.add(item.external_id, _text(item))
                self.texts[item.external_id] = _text(item)
        self.size = len(self.texts)
        parts = dict(builder.parts())
        self.index = Index(lambda numbers: {number: parts[number] for number in numbers if number in parts})
        self.known = Known(
            communities=sorted({item.community for item in self._corpus.items}),
            providers={"reddit": "Reddit", "youtube": "YouTube", "hackernews": "Hacker News"},
            newest=NOW,
        )

    def ask(self, text: str) -> Answered:
        """Answer one question."""
        asked = understand(text, self.known)
        hits = self.index.hits(asked.groups, least=answering.ITEM_COVERAGE)
        places = {scope.name: scope.value for scope in asked.scopes}
        facts = {
            hit.item_id: _fact(item)
            for hit in hits
            if (item := self._corpus.by_id[hit.item_id]).community == places.get("community", item.community)
            and item.source == places.get("provider", item.source)
        }
        return answer(asked, hits, self.index.held(asked.groups), self.size, facts, self._read, {})

    def topic_of(self, item_id: str) -> str | None:
        """Return the planted subject of an item."""
        return self._corpus.by_id[item_id].truth.topic

    def measure(self, *, part: slice = slice(None)) -> Measured:
        """Ask a part of all questions."""
        found = Measured()
        for text, topic in ANSWERABLE[part]:
            begun = time.perf_counter()
            said = self.ask(text)
            found.slowest = max(found.slowest, time.perf_counter() - begun)
            quotes = [quote for group in said.groups for quote in group.quotes]
            found.answerable += 1
            found.answered += bool(quotes)
            found.citations += len(quotes)
            truths = [self._corpus.by_id[quote.item_id].truth for quote in quotes]
            found.right += sum(truth.topic == topic for truth in truths)
            found.machines += sum(truth.injection is not None for truth in truths)
            if not quotes:
                found.wrong.append(f"not answered: {text}")
        for text in UNANSWERABLE[part]:
            said = self.ask(text)
            found.unanswerable += 1
            found.not_in_data += not said.found
            if said.found:
                found.wrong.append(f"guessed: {text} {said.headline}")
        return found

    def _read(self, ids: list[str]) -> list[Voice]:
        items = [self._corpus.by_id[item_id] for item_id in ids]
        return [Voice(_record(item), intents(_text(item)), spans(_text(item))) for item in items]


def _text(item: Item) -> str:
    return "\n\n".join(part for part in (item.title, item.text) if part)


def _record(item: Item) -> Record:
    return Record(
        id=item.external_id,
        text=_text(item),
        author=item.author,
        thread=item.thread_id,
        community=item.community,
        posted_at=NOW - timedelta(seconds=item.age_seconds),
        permalink="",
        upvotes=item.score,
        is_post=item.title is not None,
    )


def _fact(item: Item) -> Fact:
    return Fact(
        id=item.external_id,
        author=item.author or item.external_id,
        name=item.author,
        thread=item.thread_id,
        community=item.community,
        provider=item.source,
        day=(NOW - timedelta(seconds=item.age_seconds)).date(),
        language=item.truth.language,
        sentiment=item.truth.sentiment,
        intents=intents(_text(item)),
        topic=None,
        upvotes=item.score,
    )


if __name__ == "__main__":
    talk = Asked(voice=sys.argv[1] if len(sys.argv) > 1 else "a")
    for name, part in (("tuned on", slice(0, None, 2)), ("held out", slice(1, None, 2))):
        for threshold in (0.4, 0.5, 0.6, 0.7, 0.8) if part.start == 0 else (answering.ITEM_COVERAGE,):
            kept, answering.ITEM_COVERAGE = answering.ITEM_COVERAGE, threshold
            print(name, threshold, talk.size, talk.measure(part=part))
            answering.ITEM_COVERAGE = kept
