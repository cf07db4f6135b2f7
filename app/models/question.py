"""Questions asked of one analysis, the items that their answers count, and the index that finds those."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, json_field, moment_field


class Question(SQLModel, table=True):
    """One question and its answer. Asked again it is another row, so that the earlier answer stays."""

    __table_args__ = (
        Index("ix_question_analysis_id_id", "analysis_id", "id"),
        Index("ix_question_workspace_id_saved_as", "workspace_id", "saved_as"),
        Index("ix_question_workspace_id_created_at", "workspace_id", "created_at"),
    )

    id: str = id_field()
    workspace_id: str = Field(foreign_key="workspace.id")
    analysis_id: str = Field(foreign_key="analysis.id")
    asked_by: str
    """Id of the user or API key, or `system`."""
    text: str = Field(sa_type=Text)
    without: list[str] = json_field([])
    """Scopes that the words of the question suggest and the asker took away."""
    repeats: str | None = None
    """Id of the earlier question that it asks again; that one may be gone."""
    answer: dict[str, Any] = json_field({})
    """As `app.services.answers.AnswerView` dumps it."""
    note: str | None = None
    """Why the answer is less than was asked for, as a sentence."""
    saved_as: str | None = None
    """The name it is kept under; None when it is only history."""
    created_at: datetime = created_field()
    answered_at: datetime | None = moment_field()
    """None while a model works on it; what the items say by themselves is there already."""


class QuestionItem(SQLModel, table=True):
    """One item that an answer counts."""

    __tablename__ = "question_item"
    __table_args__ = (Index("ix_question_item_item_id", "item_id"),)

    question_id: str = Field(foreign_key="question.id", primary_key=True)
    item_id: str = Field(foreign_key="item.id", primary_key=True)


class SearchShard(SQLModel, table=True):
    """A part of the index over an analysis's items: some of its terms, or the list of its items."""

    __tablename__ = "search_shard"

    analysis_id: str = Field(foreign_key="analysis.id", primary_key=True)
    number: int = Field(primary_key=True)
    made_of: str
    """Which items and rules it was made of; an index made of others is made anew."""
    data: bytes = Field(sa_type=LargeBinary)
