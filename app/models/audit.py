"""Who did what, when. Append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from app.models.columns import created_field, id_field, json_field


class AuditEvent(SQLModel, table=True):
    """One change of state that a person or a key asked for."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_workspace_id_id", "workspace_id", "id"),
        Index("ix_audit_event_workspace_id_action_id", "workspace_id", "action", "id"),
    )

    id: str = id_field()
    workspace_id: str
    actor: str
    """`user:<id>`, `key:<id>` or `system`."""
    action: str
    """`analysis:create`, `key:revoke`, …"""
    subject: str
    data: dict[str, Any] = json_field({})
    at: datetime = created_field()
