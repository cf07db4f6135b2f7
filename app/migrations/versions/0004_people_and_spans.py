"""Pseudonyms of authors, and the words that show an intent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    """Apply. Items collected before have no pseudonym: their people are still told apart by name."""
    op.add_column("item", sa.Column("author_key", sa.String(), nullable=True))
    op.add_column("item", sa.Column("intent_spans", _JSON, nullable=False, server_default="[]"))
