"""The items that speak for an opportunity."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Of opportunities found before, only the quoted items are known to speak for them."""
    op.create_table(
        "opportunity_item",
        sa.Column("opportunity_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunity.id"], name=op.f("fk_opportunity_item_opportunity_id_opportunity")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_opportunity_item_item_id_item")),
        sa.PrimaryKeyConstraint("opportunity_id", "item_id", name=op.f("pk_opportunity_item")),
    )
    op.create_index("ix_opportunity_item_item_id", "opportunity_item", ["item_id"], unique=False)
    evidence = sa.table(
        "evidence",
        sa.column("opportunity_id", sa.String()),
        sa.column("item_id", sa.String()),
        sa.column("against", sa.Boolean()),
        sa.column("position", sa.Integer()),
    )
    op.execute(
        sa.insert(
            sa.table("opportunity_item", *(sa.column(name) for name in ("opportunity_id", "item_id", "position")))
        ).from_select(
            ["opportunity_id", "item_id", "position"],
            sa.select(evidence.c.opportunity_id, evidence.c.item_id, sa.func.min(evidence.c.position))
            .where(evidence.c.against.is_(False))
            .group_by(evidence.c.opportunity_id, evidence.c.item_id),
        )
    )
