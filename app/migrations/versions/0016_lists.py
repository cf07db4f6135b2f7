"""Indexes for lists of jobs by status and class, newest first, and for the questions of the last minute."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NOT_ENDED = "status IN ('dead', 'needs_auth', 'paused', 'queued', 'retrying', 'running')"


def upgrade() -> None:
    """Apply."""
    op.drop_index("ix_job_stuck", table_name="job")
    for name, columns, where in (
        ("ix_job_not_ended", ["status", "id"], _NOT_ENDED),
        ("ix_job_not_ended_queue", ["queue", "status", "id"], _NOT_ENDED),
        ("ix_job_ended_queue", ["queue", "id"], "status IN ('cancelled', 'succeeded')"),
    ):
        op.create_index(name, "job", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_question_workspace_id_created_at", "question", ["workspace_id", "created_at"])
