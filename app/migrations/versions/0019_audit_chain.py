"""A chain through each workspace's audit events, and triggers that keep what is in it as it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

REFUSAL = "audit events are append-only"


def upgrade() -> None:
    """Apply. Events of before are sealed with the next one of their workspace."""
    op.add_column("audit_event", sa.Column("number", sa.Integer(), nullable=True))
    op.add_column("audit_event", sa.Column("sha256", sa.String(), nullable=True))
    op.create_index("ix_audit_event_workspace_id_number", "audit_event", ["workspace_id", "number"], unique=True)
    op.create_table(
        "audit_head",
        sa.Column("workspace_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_event_insert BEFORE INSERT ON audit_event FOR EACH ROW "
            "WHEN (NEW.number IS NOT NULL OR NEW.sha256 IS NOT NULL) EXECUTE FUNCTION audit_event_refuse()"
        )
        op.execute(
            "CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event FOR EACH ROW "
            "WHEN (OLD.sha256 IS NOT NULL) EXECUTE FUNCTION audit_event_refuse()"
        )
        op.execute(
            "CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event FOR EACH ROW "
            "EXECUTE FUNCTION audit_event_refuse()"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_event_insert BEFORE INSERT ON audit_event "
        f"WHEN NEW.number IS NOT NULL OR NEW.sha256 IS NOT NULL BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    op.execute(
        "CREATE TRIGGER audit_event_update BEFORE UPDATE ON audit_event WHEN OLD.sha256 IS NOT NULL "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
    op.execute(
        f"CREATE TRIGGER audit_event_delete BEFORE DELETE ON audit_event BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    )
