"""Chooses which items of a topic a model reads: few, unlike each other, and telling of all its sides.

members, closest first ──▶ no removed, no machine talk ──▶ pick by what is not there yet ──▶ a handful

Nothing here depends on our own ids: the same words give the same sample in the next run, so its answer is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from app.services.pipeline.counter_evidence import demands
from app.services.pipeline.injection import speaks_to_machines
from app.services.pipeline.proposals import KINDS
from app.services.pipeline.prose import own_words, sentences
from app.services.pipeline.quotes import Unlike
from app.services.pipeline.records import Record, TopicFound

CANDIDATES = 300
"""Members of one topic that are looked at, the closest first, each time something is picked."""
_SIDES = 0.3
"""A sentiment further from 0 than this takes a side."""
_DEMAND, _TONE, _THREAD, _AUTHOR, _TIME, _CLOSE = 2.0, 1.0, 0.8, 0.8, 0.5, 0.7
"""What it is worth to show a want, a mood, a thread, a person or a part of the time that is not shown yet."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of a topic is read."""

    share: float
    """Of its items."""
    least: int
    most: int
    characters: int
    """Of each item."""

    def items(self, members: int) -> int:
        """Return how many of a topic's `members` are read."""
        return min(members, self.most, max(self.least, round(self.share * members)))


STANDARD = Size(share=0.05, least=4, most=10, characters=180)
"""Measured against reading more and less in docs/quality.md."""
CHEAPER = Size(share=0.02, least=3, most=4, characters=140)
"""What is read when a person chose to go on cheaper."""
NAMING = Size(share=0.0, least=3, most=3, characters=100)
"""What is read of a topic to name it."""


def sample(
    topic: TopicFound, records: Mapping[str, Record], intents: Mapping[str, Sequence[str]], size: Size
) -> list[Record]:
    """Return the items of a topic to be read, the one nearest to its middle first.

    Args:
        topic: Its `item_ids` are closest first.
        records: Items worth weighing, by id: no spam, no repeats.
        intents: What each wants, by id.
        size: How many.
    """
    members = [records[item] for item in topic.item_ids if item in records and not records[item].removed]
    wanted = size.items(len(members))
    quarter = _quarters(members)
    waiting = list(enumerate(members[:CANDIDATES]))
    shown: Counter[tuple[str, str]] = Counter()
    unlike = Unlike()
    chosen: list[tuple[int, Record]] = []
    while waiting and len(chosen) < wanted:
        place = max(
            range(len(waiting)),
            key=lambda at: (_worth(waiting[at], quarter, intents, shown, len(members)), -waiting[at][0]),
        )
        rank, record = waiting.pop(place)
        if speaks_to_machines(record.text) or not unlike.add(record.text):
            continue
        chosen.append((rank, record))
        shown.update(_sides(record, quarter, intents))
    return [record for _, record in sorted(chosen, key=lambda pair: pair[0])]


def excerpt(record: Record, longest: int) -> str:
    """Return the telling part of an item on one line: without links, code and quoted lines, cut at a word."""
    own = own_words(record.text)
    if len(own) > longest:
        parts = sentences(own)[:30]
        telling = next((part.start for part in parts if demands(part.text)), 0)
        own = own[telling : telling + 2 * longest]
    line = " ".join(own.split())
    if len(line) <= longest:
        return line
    return line[: line.rfind(" ", longest // 2, longest)] if " " in line[longest // 2 : longest] else line[:longest]


def _quarters(members: Iterable[Record]) -> dict[str, str]:
    """Return for each item in which quarter of the topic's time it was written."""
    ordered = sorted(members, key=lambda record: (record.posted_at, record.permalink))
    return {record.id: str(4 * at // max(1, len(ordered))) for at, record in enumerate(ordered)}


def _sides(record: Record, quarter: Mapping[str, str], intents: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    mood = record.sentiment or 0.0
    tone = "negative" if mood < -_SIDES else "positive" if mood > _SIDES else "neutral"
    wants = [("intent", name) for name in intents.get(record.id, ()) if name in KINDS]
    return [
        *wants,
        ("tone", tone),
        ("thread", record.thread),
        ("author", record.author or record.permalink),
        ("time", quarter.get(record.id, "")),
    ]


_WEIGHTS = {"intent": _DEMAND, "tone": _TONE, "thread": _THREAD, "author": _AUTHOR, "time": _TIME}


def _worth(
    candidate: tuple[int, Record],
    quarter: Mapping[str, str],
    intents: Mapping[str, Sequence[str]],
    shown: Counter[tuple[str, str]],
    members: int,
) -> float:
    rank, record = candidate
    new = sum(_WEIGHTS[side[0]] / (1 + shown[side]) for side in _sides(record, quarter, intents))
    return round(new + _CLOSE * (1 - rank / members), 9)
