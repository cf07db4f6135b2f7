"""The turn of each job that was handed to the workers, whose pool runs it, held queues, and indexes for both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAITING = "status IN ('queued', 'retrying')"


def upgrade() -> None:
    """Apply."""
    op.add_column("job", sa.Column("turn", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("pool", sa.String(), nullable=True))
    op.drop_index("ix_job_due", table_name="job")
    _index("ix_job_due", ["run_after", "sent_at", "analysis_id"], _WAITING)
    _index("ix_job_turn", ["turn"], f"{_WAITING} AND sent_at IS NOT NULL")
    _index("ix_job_running", ["lease_until"], "status = 'running'")
    _index("ix_job_recent", ["finished_at"], "status = 'succeeded' AND fence = 1")
    op.create_table(
        "queue_hold",
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("held_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("queue", name="pk_queue_hold"),
    )


def _index(name: str, columns: list[str], condition: str) -> None:
    op.create_index(name, "job", columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
