"""Questions asked of an analysis, the items that their answers count, and the index that finds those."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.db import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "question",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("workspace_id", sa.String(), nullable=False),
        sa.Column("analysis_id", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("without", _JSON, nullable=False),
        sa.Column("repeats", sa.String(), nullable=True),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("saved_as", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name=op.f("fk_question_workspace_id_workspace")),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"], name=op.f("fk_question_analysis_id_analysis")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index("ix_question_analysis_id_id", "question", ["analysis_id", "id"])
    op.create_index("ix_question_workspace_id_saved_as", "question", ["workspace_id", "saved_as"])
    op.create_table(
        "question_item",
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("item_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["question_id"], ["question.id"], name=op.f("fk_question_item_question_id_question")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_question_item_item_id_item")),
        sa.PrimaryKeyConstraint("question_id", "item_id", name=op.f("pk_question_item")),
    )
    op.create_index("ix_question_item_item_id", "question_item", ["item_id"])
    op.create_table(
        "search_shard",
        sa.Column("analysis_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_of", sa.String(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["analysis_id"], ["analysis.id"], name=op.f("fk_search_shard_analysis_id_analysis")),
        sa.PrimaryKeyConstraint("analysis_id", "number", name=op.f("pk_search_shard")),
    )
