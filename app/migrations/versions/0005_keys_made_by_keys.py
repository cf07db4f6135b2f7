"""Which key made a key, so that revoking one takes what it made with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Of keys made before, the maker is not known: they live on until they are revoked."""
    op.add_column("api_key", sa.Column("made_by_key_id", sa.String(), nullable=True))
