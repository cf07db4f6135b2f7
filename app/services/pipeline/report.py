"""Sums an analysis up, and seals it: the same inputs give the same manifest hash on every machine."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum

from app.services.pipeline.records import Cleaned, OpportunityFound, Record, Scored, Sentiment, TopicFound

MANIFEST_FORMAT = 1
"""Raised when what is hashed changes."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of one analysis. Spam, then duplicates, then unscored languages: no item is counted in two of them."""

    items: int
    duplicates: int
    spam: int
    unscored_language: int
    removed: int
    """Places whose words are gone; they are in `items` and in nothing else."""
    sentiment: dict[Sentiment, int]
    """Of the items that were scored, by bucket; all buckets are there."""

    @property
    def scored(self) -> int:
        """Return how many items were scored."""
        return sum(self.sentiment.values())


def summarise(records: Sequence[Record], cleaned: Iterable[Cleaned], scored: Iterable[Scored]) -> Summary:
    """Return the counts of an analysis.

    Args:
        records: All its items.
        cleaned: What `clean` said of them, in any order.
        scored: What `score` said of them; items that are missing here and neither spam nor duplicate are unscored.
    """
    marks = {item.id: item for item in cleaned}
    moods = {item.id: item.label for item in scored}
    counts: Counter[str] = Counter()
    sentiment: Counter[Sentiment] = Counter()
    for record in {record.id: record for record in records}.values():
        counts["items"] += 1
        mark, mood = marks.get(record.id), moods.get(record.id)
        if record.removed or not record.text.strip():
            counts["removed"] += 1
        elif mark is not None and mark.spam:
            counts["spam"] += 1
        elif mark is not None and mark.duplicate_of is not None:
            counts["duplicates"] += 1
        elif mood is None:
            counts["unscored_language"] += 1
        else:
            sentiment[mood] += 1
    return Summary(
        items=counts["items"],
        duplicates=counts["duplicates"],
        spam=counts["spam"],
        unscored_language=counts["unscored_language"],
        removed=counts["removed"],
        sentiment={mood: sentiment[mood] for mood in Sentiment},
    )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What went into an analysis and what came out, in one canonical form."""

    text: str
    """Canonical JSON: sorted keys, no white space, ASCII, floats to six places, times in UTC."""
    sha256: str
    """Of `text`, in hexadecimal."""


def manifest(
    request: Mapping[str, object],
    versions: Mapping[str, str],
    records: Iterable[Record],
    summary: Summary,
    topics: Sequence[TopicFound],
    opportunities: Sequence[OpportunityFound],
) -> Manifest:
    """Return the sealed manifest. Raises `TypeError` when `request` holds what JSON cannot say.

    Args:
        request: What was asked, as plain values.
        versions: Of whatever decides the outcome: stages, engine, model, price list.
        records: All items; their words enter as hashes, so that the manifest itself holds nobody's text but the quotes.
        summary: As from `summarise`.
        topics: As found by `cluster`.
        opportunities: As found by `synthesise`.
    """
    items = {record.id: hashlib.sha256(record.text.encode("utf-8", "surrogatepass")).hexdigest() for record in records}
    content = {
        "format": MANIFEST_FORMAT,
        "request": request,
        "versions": versions,
        "items": items,
        "summary": summary,
        "topics": topics,
        "opportunities": opportunities,
    }
    text = json.dumps(_plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return Manifest(text, hashlib.sha256(text.encode("ascii")).hexdigest())


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return _plain(value.value)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        # -0.0 and 0.0 are one number, and the last digits of a float differ between machines.
        return round(value, 6) + 0.0
    return _moment(value) if isinstance(value, date) else _container(value)


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        raise TypeError("A manifest needs times with a time zone; add one before sealing.")
    return value.astimezone(UTC).isoformat()


def _container(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(part) for key, part in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((_plain(part) for part in value), key=repr)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(part) for part in value]
    raise TypeError(f"A manifest cannot hold a {type(value).__name__}; give plain values, times or dataclasses.")
