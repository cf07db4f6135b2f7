"""Which analysis another one asks again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("analysis", sa.Column("rerun_of", sa.String(), nullable=True))
