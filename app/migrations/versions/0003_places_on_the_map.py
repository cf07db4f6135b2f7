"""Where items stand on the map of their analysis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Analyses that were clustered before have no map; running them again makes one."""
    op.add_column("item", sa.Column("map_x", sa.Float(), nullable=True))
    op.add_column("item", sa.Column("map_y", sa.Float(), nullable=True))
