"""How many items of an opportunity have no author."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. What was found before is counted from its items."""
    op.add_column("opportunity", sa.Column("unnamed", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE opportunity SET unnamed = (SELECT count(*) FROM opportunity_item "
        "JOIN item ON item.id = opportunity_item.item_id "
        "WHERE opportunity_item.opportunity_id = opportunity.id "
        "AND item.author IS NULL AND item.author_key IS NULL)"
    )
