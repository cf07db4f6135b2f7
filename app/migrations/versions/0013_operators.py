"""Operators of the whole installation, and indexes for what they look at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

LOCAL_USER_ID = "00000000-0000-7000-8000-000000000002"


def upgrade() -> None:
    """Apply. Whoever started the program operates it."""
    op.add_column("user", sa.Column("operator", sa.String(), nullable=True))
    op.execute(f"UPDATE \"user\" SET operator = 'steer' WHERE id = '{LOCAL_USER_ID}'")  # noqa: S608 - a constant
    for name, column, where in (
        ("ix_job_finished", "finished_at", "finished_at IS NOT NULL"),
        ("ix_job_stuck", "id", "status IN ('dead', 'paused', 'needs_auth')"),
    ):
        op.create_index(name, "job", [column], sqlite_where=sa.text(where), postgresql_where=sa.text(where))
