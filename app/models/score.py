"""What a scorer outside of this program said of a text, kept so that it is never asked twice."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from app.models.columns import created_field


class ItemScore(SQLModel, table=True):
    """One judgement of one text by one version of one scorer."""

    __tablename__ = "item_score"

    workspace_id: str = Field(foreign_key="workspace.id", primary_key=True)
    """Texts are a workspace's own, so no other workspace ever reads what was said of them."""
    scorer: str = Field(primary_key=True)
    """What judged (`sentiment_service`)."""
    version: str = Field(primary_key=True)
    """Whatever makes its judgements differ: its address, its model, how the text is put to it."""
    content_sha256: str = Field(primary_key=True)
    """As in `Item.content_sha256`: of title and body as one text."""
    label: str
    """`negative`, `neutral` or `positive`."""
    value: float
    """-1 to 1."""
    confidence: float
    """0 to 1."""
    engine: str
    """As the scorer names what it judged with; may be empty."""
    created_at: datetime = created_field()
