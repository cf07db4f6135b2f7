"""Indexes for a workspace's audit trail, newest first, all of it or one act."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_audit_event_workspace_id_id", "audit_event", ["workspace_id", "id"])
    op.create_index("ix_audit_event_workspace_id_action_id", "audit_event", ["workspace_id", "action", "id"])
    op.drop_index("ix_audit_event_workspace_id", table_name="audit_event")  # the first one begins with it
