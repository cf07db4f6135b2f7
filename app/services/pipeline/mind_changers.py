"""What would change my mind: the fewest items without which the verdict on an opportunity would be another.

The verdict is "worth a look" when the score is at least 60 and at least five people speak for it. Up to `EXACT` items
every subset is tried, the smaller first; beyond, items are taken away one by one, each time the one whose absence moves
the score furthest (greedy: seldom more than a few above the least), and apart from that the people with the fewest
items, until four are left (which is the least for that half of the verdict). The smaller of the two is the answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from app.services.pipeline.opportunity_metrics import (
    COLUMNS,
    LEAST_EVIDENCE,
    Around,
    columns_of,
    metric_values,
    rescore,
)
from app.services.pipeline.records import Record
from app.services.pipeline.writers import is_named, writer

LEAST_SCORE = 60
LEAST_AUTHORS = 5
EXACT = 12
MOST = 60
"""Items beyond which the search ends: a verdict that stands without so many hangs on no handful of voices."""

_EITHER = {
    "willingness_to_pay": ("paying",),
    "urgency": ("urgent",),
    "emotion": ("upset",),
    "feasibility": ("coping", "impossible"),
    "revenue_clarity": ("priced",),
    "switching_barriers": ("leaving", "locked"),
    "competition_density": ("rivals",),
}
EVIDENCE = {name: tuple(COLUMNS.index(column) for column in columns) for name, columns in _EITHER.items()}
"""Metrics that an item is evidence for when one of these columns of it is above 0; the others count all items."""


@dataclass(frozen=True, slots=True)
class MindChange:
    """How firmly a verdict stands."""

    worth_a_look: bool
    item_ids: tuple[str, ...]
    """Without these the verdict is the other one; empty when no set of at most `MOST` was found."""
    exact: bool
    """Whether no smaller set does it."""
    sentence: str


def verdict(score: int, authors: int) -> bool:
    """Return whether an opportunity is worth a look."""
    return score >= LEAST_SCORE and authors >= LEAST_AUTHORS


def what_would_change(records: Sequence[Record], intents: Mapping[str, Sequence[str]], *, total: int) -> MindChange:
    """Return the fewest items without which the verdict flips.

    Args:
        records: The items that speak for the opportunity, at least one.
        intents: What each of them wants, by id.
        total: How many items the analysis looked at, these included.
    """
    voices = [_Voice.of(record, intents.get(record.id, ())) for record in records]
    now = verdict(*_Left(voices, total).judged())
    if len(voices) <= EXACT:
        gone: tuple[int, ...] | None = _smallest(voices, total, now=now)
        exact = True
    else:
        found = [each for each in (_greedy(voices, total, now=now), _fewest_people(voices, now=now)) if each]
        gone = min(found, key=len, default=None)
        exact = gone is not None and len(gone) == 1
    ids = tuple(records[at].id for at in gone or ())
    return MindChange(now, ids, exact, _sentence(len(ids), len(voices), now=now, exact=exact))


@dataclass(frozen=True, slots=True)
class _Voice:
    sums: tuple[float, ...]
    shows: tuple[bool, ...]
    """For each metric of `EVIDENCE`, whether the item is evidence."""
    author: str
    thread: str
    community: str

    @classmethod
    def of(cls, record: Record, intents: Sequence[str]) -> _Voice:
        sums = columns_of(record, intents)
        shows = tuple(any(sums[column] > 0 for column in columns) for columns in EVIDENCE.values())
        return cls(sums, shows, writer(record), record.thread, record.community)


class _Left:
    """The items that are still there, and the verdict's numbers without one more of them."""

    def __init__(self, voices: Sequence[_Voice], total: int) -> None:
        self._total = total
        self._count = len(voices)
        self._sums = [sum(column) for column in zip(*(voice.sums for voice in voices), strict=True)]
        self._shows = [sum(column) for column in zip(*(voice.shows for voice in voices), strict=True)]
        self._authors = Counter(voice.author for voice in voices)
        self._unnamed = sum(not is_named(voice.author) for voice in voices)
        self._threads = Counter(voice.thread for voice in voices)
        self._communities = Counter(voice.community for voice in voices)
        self._squares = sum(count * count for count in self._communities.values())

    def judged(self, without: _Voice | None = None) -> tuple[int, int]:
        """Return score and authors, without one item more when one is given."""
        sums, shows = self._sums, self._shows
        count, authors, threads, places = self._count, len(self._authors), len(self._threads), len(self._communities)
        squares, unnamed = self._squares, self._unnamed
        if without is not None:
            sums = [have - take for have, take in zip(sums, without.sums, strict=True)]
            shows = [have - take for have, take in zip(shows, without.shows, strict=True)]
            count -= 1
            unnamed -= not is_named(without.author)
            authors -= self._authors[without.author] == 1
            threads -= self._threads[without.thread] == 1
            places -= self._communities[without.community] == 1
            squares -= 2 * self._communities[without.community] - 1
        if count == 0:
            return 1, 0
        taken = 1 if without is not None else 0
        around = Around(self._total - taken, authors - unnamed, threads, 1 - squares / count / count)
        values = metric_values(sums, around)
        evidence = dict(zip(EVIDENCE, shows, strict=True)) | {
            "frequency": count,
            "market_size": authors - unnamed,
            "acquisition_difficulty": places,
        }
        return rescore({name: values[name] for name in values if evidence[name] >= LEAST_EVIDENCE}), authors

    def drop(self, voice: _Voice) -> None:
        """Take an item away."""
        self._squares -= 2 * self._communities[voice.community] - 1
        self._sums = [have - take for have, take in zip(self._sums, voice.sums, strict=True)]
        self._shows = [have - take for have, take in zip(self._shows, voice.shows, strict=True)]
        for counter, name in (
            (self._authors, voice.author),
            (self._threads, voice.thread),
            (self._communities, voice.community),
        ):
            counter[name] -= 1
            if not counter[name]:
                del counter[name]
        self._unnamed -= not is_named(voice.author)
        self._count -= 1
        self._total -= 1

    def kind(self, voice: _Voice) -> tuple[object, ...]:
        """Return what items share whose absence does the same."""
        return (
            voice.sums,
            voice.shows,
            self._authors[voice.author] == 1,
            is_named(voice.author),
            self._threads[voice.thread] == 1,
            voice.community,
        )


def _smallest(voices: Sequence[_Voice], total: int, *, now: bool) -> tuple[int, ...] | None:
    for size in range(1, len(voices) + 1):
        for gone in combinations(range(len(voices)), size):
            rest = [voice for at, voice in enumerate(voices) if at not in gone]
            judged = _Left(rest, total - size).judged() if rest else (1, 0)
            if verdict(*judged) is not now:
                return gone
    return None


def _greedy(voices: Sequence[_Voice], total: int, *, now: bool) -> tuple[int, ...] | None:
    left = _Left(voices, total)
    there = dict(enumerate(voices))
    gone: list[int] = []
    sense = 1 if now else -1
    while len(gone) < min(MOST, len(voices)):
        # Of items whose absence does the same, one stands for all.
        kinds = {left.kind(voice): at for at, voice in reversed(there.items())}
        judged = {at: left.judged(there[at]) for at in kinds.values()}
        at = min(judged, key=lambda each: (verdict(*judged[each]) is now, sense * judged[each][0], each))
        left.drop(there.pop(at))
        gone.append(at)
        if verdict(*judged[at]) is not now:
            return tuple(gone)
    return None


def _fewest_people(voices: Sequence[_Voice], *, now: bool) -> tuple[int, ...] | None:
    """Return the items of those who say least, all but four people; nothing helps a verdict that is already no."""
    if not now:
        return None
    counts = Counter(voice.author for voice in voices)
    leaving = {author for author, _ in sorted(counts.items(), key=lambda pair: (pair[1], pair[0]))}
    leaving = set(sorted(leaving, key=lambda author: (counts[author], author))[: len(counts) - LEAST_AUTHORS + 1])
    gone = tuple(at for at, voice in enumerate(voices) if voice.author in leaving)
    return gone if len(gone) <= MOST else None


def _sentence(count: int, items: int, *, now: bool, exact: bool) -> str:
    """Say how firm the verdict is; it claims no more than what was tried."""
    says = "Worth a look" if now else "Below the bar"
    if count == 0 and items <= EXACT:
        return f"{says}, and firm: leaving out any of its {items} items would not change it."
    if count == 0:
        tried = f"up to {MOST} of its {items:,} items" if items > MOST else f"any number of its {items} items"
        return f"{says}, and firm: leaving out {tried}, as far as we tried, would not change it."
    turned = "It would drop below the bar" if now else "It would rise above the bar"
    if exact:
        return f"{says}. {turned} only without {count} of its {items:,} items."
    return f"{says}. {turned} without {count} of its {items:,} items, perhaps already without fewer of them."
