"""An index for the items of one community, newest first, and for the communities of an analysis."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_index("ix_item_community", "item", ["analysis_id", "community", "posted_at", "id"])
