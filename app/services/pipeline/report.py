"""Seals an analysis: the same inputs give the same manifest hash on every machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum

MANIFEST_FORMAT = 2
"""Raised when what is hashed changes."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What went into an analysis and what came out, in one canonical form."""

    text: str
    """Canonical JSON: sorted keys, no white space, ASCII, floats to six places, times in UTC."""
    sha256: str
    """Of `text`, in hexadecimal."""


def manifest(
    *,
    request: Mapping[str, object],
    versions: Mapping[str, str],
    items: Mapping[str, str],
    counts: Mapping[str, object],
    topics: Sequence[object],
    opportunities: Sequence[object],
) -> Manifest:
    """Return the sealed manifest. Raises `TypeError` when a part holds what JSON cannot say.

    Args:
        request: What was asked, as plain values.
        versions: Of whatever decides the outcome: stages, engine, model, price list.
        items: Hash of each item's words by its id at the provider: the manifest itself holds nobody's text but the
            quotes, and a second run over the same words gives the same hash.
        counts: Of items by what the stages said of them.
        topics: As stored, in their order.
        opportunities: As stored, in their order, with their quotes.
    """
    content = {
        "format": MANIFEST_FORMAT,
        "request": request,
        "versions": versions,
        "items": items,
        "counts": counts,
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
