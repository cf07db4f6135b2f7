"""How far an opportunity rests on one place, one thread, one person or one moment, in one sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.services.pipeline.records import Record

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bias:
    """Shares of the items that one of each has, 0 to 1."""

    community: str
    """The one with most of the items."""
    of_community: float
    of_thread: float
    of_author: float
    """0 where nobody is named."""
    days: int
    """The shortest stretch that holds half of the items."""
    start: datetime
    end: datetime
    """First and last item."""
    sentence: str


def bias(records: Sequence[Record]) -> Bias:
    """Return how the items, at least one, are spread over places, threads, people and time."""
    community, of_community = _largest(record.community for record in records)
    _, of_thread = _largest(record.thread for record in records)
    named = [record.author for record in records if record.author]
    of_author = max(Counter(named).values(), default=0) / len(records)
    moments = sorted(record.posted_at for record in records)
    half = (len(moments) + 1) // 2
    shortest = min(last - first for first, last in zip(moments, moments[half - 1 :], strict=False))
    days = max(1, -(-shortest // _DAY))
    sentence = (
        f"{_percent(of_community)} of its items come from {community}, {_percent(of_thread)} from one thread, "
        f"{f'{_percent(of_author)} from one person, ' if named else ''}and half were written within "
        f"{'a day' if days == 1 else f'{days} days'} of the {max(1, -(-(moments[-1] - moments[0]) // _DAY))} they span."
    )
    if len(named) < len(records):
        sentence += f" Who wrote {f'{len(records) - len(named):,} of them' if named else 'them'} is not known."
    return Bias(community, of_community, of_thread, of_author, days, moments[0], moments[-1], sentence)


def _largest(names: Iterable[str]) -> tuple[str, float]:
    counts = Counter(names)
    name = min(counts, key=lambda each: (-counts[each], each))
    return name, counts[name] / counts.total()


def _percent(share: float) -> str:
    return f"{round(100 * share)} %"
