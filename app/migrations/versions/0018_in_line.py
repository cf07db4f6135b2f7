"""How long a job has waited at a limit of ours."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("job", sa.Column("in_line_seconds", sa.Float(), nullable=False, server_default="0"))
