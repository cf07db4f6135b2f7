"""Who did what, when. Append-only: triggers of both databases refuse to change or delete what is sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, json_field


class AuditEvent(SQLModel, table=True):
    """One change of state that a person or a key asked for."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_workspace_id_id", "workspace_id", "id"),
        Index("ix_audit_event_workspace_id_action_id", "workspace_id", "action", "id"),
        Index("ix_audit_event_workspace_id_number", "workspace_id", "number", unique=True),
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
    number: int | None = None
    """Its place in the chain of its workspace, from 1; None until its transaction ends."""
    sha256: str | None = None
    """What seals it and all before it (`services.audit_chain`); from then on the database refuses to change it."""


class AuditHead(SQLModel, table=True):
    """Where the chain of a workspace's audit events ends."""

    __tablename__ = "audit_head"

    workspace_id: str = Field(primary_key=True, max_length=36)
    number: int = 0
    sha256: str = ""
