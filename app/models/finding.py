"""What was found: topics, opportunities and their evidence."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import id_field, json_field


class Topic(SQLModel, table=True):
    """A cluster of items."""

    __table_args__ = (UniqueConstraint("analysis_id", "number"),)

    id: str = id_field()
    analysis_id: str = Field(foreign_key="analysis.id")
    number: int
    name: str
    terms: list[str] = json_field([])
    items: int
    sentiment: float | None = None


class Opportunity(SQLModel, table=True):
    """A synthesised, cited finding."""

    __table_args__ = (UniqueConstraint("analysis_id", "rank"),)

    id: str = id_field()
    workspace_id: str
    analysis_id: str = Field(foreign_key="analysis.id")
    rank: int
    title: str
    summary: str = Field(sa_type=Text)
    kind: str
    score: int
    score_low: int
    score_high: int
    confidence: float
    engine: str
    metrics: dict[str, Any] = json_field({})
    anti_patterns: list[dict[str, Any]] = json_field([])
    topic_number: int | None = None
    items: int
    authors: int
    unnamed: int = 0
    """Items without an author; each counts in `authors` as by somebody else."""
    threads: int


class OpportunityItem(SQLModel, table=True):
    """One item that speaks for an opportunity: its count, its metrics and its score are made of these and no others."""

    __tablename__ = "opportunity_item"
    __table_args__ = (Index("ix_opportunity_item_item_id", "item_id"),)

    opportunity_id: str = Field(foreign_key="opportunity.id", primary_key=True)
    item_id: str = Field(foreign_key="item.id", primary_key=True)
    position: int
    """0 tells the most."""


class Evidence(SQLModel, table=True):
    """A quoted span of one item, checked word for word."""

    __table_args__ = (Index("ix_evidence_opportunity_id", "opportunity_id", "against", "position"),)

    id: str = id_field()
    analysis_id: str = Field(foreign_key="analysis.id", index=True)
    opportunity_id: str = Field(foreign_key="opportunity.id")
    item_id: str = Field(foreign_key="item.id")
    against: bool = False
    position: int
    quote: str = Field(sa_type=Text)
    start: int
    end: int
    verified: str
    """`verified` or `repaired`; others are never stored."""
