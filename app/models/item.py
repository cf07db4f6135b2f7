"""Collected posts and comments, and what the stages found in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, due_field, id_field, json_field


class Item(SQLModel, table=True):
    """One collected post or comment. Its words are foreign: data, never instructions, never markup."""

    __table_args__ = (
        UniqueConstraint("analysis_id", "provider", "external_id"),
        Index("ix_item_newest", "analysis_id", "posted_at", "id"),
        Index("ix_item_topic", "analysis_id", "topic_number", "posted_at", "id"),
        Index("ix_item_community", "analysis_id", "community", "posted_at", "id"),
        Index("ix_item_thread", "analysis_id", "thread_external_id"),
    )

    id: str = id_field()
    workspace_id: str
    analysis_id: str = Field(foreign_key="analysis.id")
    job_id: str
    provider: str
    external_id: str
    kind: str
    """`post` or `comment`."""
    thread_external_id: str
    parent_external_id: str | None = None
    community: str
    author: str | None = None
    """The name as the provider shows it; only for the link to what they wrote."""
    author_key: str | None = None
    """The same person by a keyed hash, by which people are told apart and counted; None before it was kept."""
    title: str | None = Field(default=None, sa_type=Text)
    text: str = Field(sa_type=Text)
    permalink: str
    upvotes: int | None = None
    replies: int | None = None
    removed: bool = False
    content_sha256: str
    posted_at: datetime = due_field()
    collected_at: datetime = created_field()

    cleaned: bool = False
    language: str | None = None
    spam: bool = False
    spam_score: float | None = None
    spam_reasons: list[str] = json_field([])
    duplicate_of: str | None = None
    """Id of the item that this one repeats."""
    scored: bool = False
    sentiment: float | None = None
    """-1 to 1; None when not scored or when the language is not one that the engine knows."""
    sentiment_label: str | None = None
    sentiment_engine: str | None = None
    """What judged its sentiment: the local engine's version, or as a sentiment service names itself."""
    intents: list[str] = json_field([])
    intent_spans: list[dict[str, str | int]] = json_field([])
    """Of each intent the words that show it: `intent`, `start`, `end`, offsets in title and text as one."""
    topic_number: int | None = None
    topic_rank: int | None = None
    """0 is closest to the middle of its topic."""
    map_x: float | None = None
    """Where it stands on the map, 0 to 1 from left to right; None when it has no place there."""
    map_y: float | None = None
    """0 to 1 from bottom to top."""
