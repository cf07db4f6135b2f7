"""Who did what, when. Append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, json_field


class AuditEvent(SQLModel, table=True):
    """One change of state that a person or a key asked for."""

    __tablename__ = "audit_event"

    id: str = id_field()
    workspace_id: str = Field(index=True)
    actor: str
    """`user:<id>`, `key:<id>` or `system`."""
    action: str
    """`analysis:create`, `key:revoke`, …"""
    subject: str
    data: dict[str, Any] = json_field({})
    at: datetime = created_field()
