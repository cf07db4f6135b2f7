"""What a language model answered, kept so that the same question is never paid for twice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.models.columns import created_field, json_field


class ModelAnswer(SQLModel, table=True):
    """One answer of a model to one prompt, found again by the hash of what was asked."""

    __tablename__ = "model_answer"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    """Answers are about a workspace's own items, so no other workspace ever reads them."""
    model: str = Field(primary_key=True)
    """Provider and model as they are set here (`openai/gpt-5-mini`)."""
    prompt_version: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    """Of instructions, data, schema and the bound on the output."""
    name: str
    """What was asked for (`opportunities`)."""
    value: dict[str, Any] = json_field({})
    """The answer as it came: not believed before it is checked."""
    usage: dict[str, Any] = json_field({})
    """Units taken, as the ledger wrote them when it was paid for."""
    reported: bool = True
    """False when the endpoint did not say what it took."""
    created_at: datetime = created_field()
