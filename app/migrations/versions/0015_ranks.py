"""Indexes by turn for short work and for long work, so that neither stands before the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_SENT = "status IN ('queued', 'retrying') AND sent_at IS NOT NULL"
_URGENT = "('billing', 'notify', 'publish', 'upkeep')"


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_job_turn", table_name="job")
    for name, where in (
        ("ix_job_turn", f"{_SENT} AND queue NOT IN {_URGENT}"),
        ("ix_job_urgent", f"{_SENT} AND queue IN {_URGENT}"),
    ):
        columns = ["turn", "workspace_id", "queue"]
        op.create_index(name, "job", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
