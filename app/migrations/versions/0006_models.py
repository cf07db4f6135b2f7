"""Answers of language models, what a person chose about the cost, and the summary of an analysis."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "model_answer",
        sa.Column("workspace_id", sa.String(), sa.ForeignKey("workspace.id"), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("prompt_version", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.Column("usage", _JSON, nullable=False),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "model", "prompt_version", "sha256", name="pk_model_answer"),
    )
    op.add_column("analysis", sa.Column("choice", _JSON, nullable=True))
    op.add_column("analysis", sa.Column("summary", _JSON, nullable=True))
