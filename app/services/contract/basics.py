"""What every shape of the contract shares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from app.core.clock import rfc3339

Moment = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]


Band = tuple[int, int, int]
"""Low, likely, high."""


class Contract(BaseModel):
    """Shared configuration of everything that crosses the border."""

    model_config = ConfigDict(extra="forbid")


def clean_text(value: str) -> str:
    """Return the text on one line without what no screen shows. Raises `ValueError` when nothing is left."""
    value = " ".join("".join(character if character.isprintable() else " " for character in value).split())
    if not value:
        raise ValueError("is empty; write at least one word")
    return value
