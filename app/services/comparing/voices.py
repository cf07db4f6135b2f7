"""Reads who speaks for the opportunities of one side, and how the other side holds the same items."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, and_, case, cast, null
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from app.models import Item, Opportunity, OpportunityItem
from app.services.comparing.coverage import SETTINGS, Coverage, cause, same_item
from app.services.pipeline.compare_scores import Voice, shows_of
from app.services.pipeline.opportunity_metrics import Shown, shown_by, sums_of
from app.services.pipeline.writers import unnamed
from app.services.reading import words

_COLUMNS = (
    "provider",
    "external_id",
    "title",
    "text",
    "author_key",
    "author",
    "thread_external_id",
    "community",
    "sentiment",
    "intents",
    "content_sha256",
)


@dataclass
class Spoken:
    """The items that speak for the opportunities of one side."""

    voices: dict[str, list[Voice]] = field(default_factory=lambda: defaultdict(list))
    """By the opportunity, the most telling first."""
    now: dict[str, Voice] = field(default_factory=dict)
    """As the other side holds them, by key; only of those that it holds."""
    edited: set[str] = field(default_factory=set)
    by_settings: set[str] = field(default_factory=set)
    by_data: set[str] = field(default_factory=set)


class Voices:
    """Reads both sides of one comparison; what it has looked at once it does not look at again."""

    def __init__(self, session: Session) -> None:
        """Begin with nothing read."""
        self._session = session
        self._shown: dict[str, Shown] = {}
        """What words show, by their hash: most items are held by both sides and by several opportunities."""
        self._told: dict[tuple[str, float | None, str], tuple[tuple[float, ...], tuple[bool, ...]]] = {}

    def of(self, own: Coverage, other: Coverage) -> Spoken:
        """Return who speaks for the opportunities of `own`."""
        twin = aliased(Item)
        edited = col(twin.content_sha256) != col(Item.content_sha256)
        # Intents as they are written: few of them differ, and each is read once.
        columns: list[Any] = [
            OpportunityItem.opportunity_id,
            *(cast(Item.intents, Text) if name == "intents" else getattr(Item, name) for name in _COLUMNS),
        ]
        rows = self._session.execute(
            select_columns(
                *columns,
                col(twin.id),
                edited,
                col(twin.removed),
                col(twin.sentiment),
                case((col(twin.intents) != col(Item.intents), cast(col(twin.intents), Text)), else_=null()),
                col(twin.content_sha256),
                case((edited, col(twin.title)), else_=null()),
                case((edited, col(twin.text)), else_=null()),
                cause(Item, own, other),
            )
            .join(Item, col(Item.id) == col(OpportunityItem.item_id))
            .join(Opportunity, col(Opportunity.id) == col(OpportunityItem.opportunity_id))
            .join(twin, and_(col(twin.analysis_id) == other.analysis.id, same_item(Item, twin)), isouter=True)
            .where(col(Opportunity.analysis_id) == own.analysis.id)
            .order_by(col(OpportunityItem.position))
        )
        spoken = Spoken()
        for opportunity_id, *rest in rows:
            mine, theirs = dict(zip(_COLUMNS, rest, strict=False)), rest[len(_COLUMNS) :]
            there, changed, removed, sentiment, intents, sha256, title, text, why = theirs
            voice = self._voice(mine)
            spoken.voices[opportunity_id].append(voice)
            if there is None or removed:
                (spoken.by_settings if there is None and why in SETTINGS else spoken.by_data).add(voice.key)
                continue
            said = {"title": title, "text": text} if changed else {}
            if not changed and sentiment == mine["sentiment"] and intents is None:
                spoken.now[voice.key] = voice
                continue
            wants = mine["intents"] if intents is None else intents
            spoken.now[voice.key] = self._voice(
                {**mine, **said, "sentiment": sentiment, "intents": wants, "content_sha256": sha256}
            )
            if changed:
                spoken.edited.add(voice.key)
        return spoken

    def _voice(self, row: Mapping[str, Any]) -> Voice:
        key = f"{row['provider']}:{row['external_id']}"
        sha256 = row["content_sha256"]
        told = (sha256, row["sentiment"], row["intents"] or "")
        if told not in self._told:
            if sha256 not in self._shown:
                self._shown[sha256] = shown_by(words(row["title"], row["text"]))
            sums = sums_of(self._shown[sha256], row["sentiment"], json.loads(told[2] or "[]") or ())
            self._told[told] = sums, shows_of(sums)
        return Voice(
            key,
            *self._told[told],
            person=row["author_key"] or row["author"] or unnamed(key),
            thread=row["thread_external_id"],
            community=row["community"],
        )
