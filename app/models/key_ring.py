"""Which secret keys this installation's data was made with."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.columns import created_field


class KeyRing(SQLModel, table=True):
    """One row: a fingerprint of the oldest key, from which pseudonyms are made. The key itself is never stored."""

    __tablename__ = "key_ring"

    id: int = Field(default=1, primary_key=True)
    fingerprint: str
    created_at: datetime = created_field()
