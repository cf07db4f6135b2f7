"""The ledger: append-only entries, and what is held back for calls under way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from app.models.columns import created_field, id_field, moment_field


class ReservationStatus(StrEnum):
    """What became of money held back."""

    OPEN = "open"
    SETTLED = "settled"
    UNKNOWN = "unknown"
    """The call may have happened; its worst case counts as spent for ever."""


class Reservation(SQLModel, table=True):
    """The worst case of one call, held back before it is made."""

    __table_args__ = (UniqueConstraint("job_id", "fence", "ordinal"),)

    id: str = id_field()
    analysis_id: str = Field(foreign_key="analysis.id", index=True)
    job_id: str = Field(foreign_key="job.id")
    fence: int
    ordinal: int
    step: str
    provider: str
    unit: str
    model: str | None = None
    price_list: str
    unit_price_micros_per_million: int = Field(sa_type=BigInteger)
    worst_quantity: int
    worst_case_micros: int = Field(sa_type=BigInteger)
    status: ReservationStatus = Field(default=ReservationStatus.OPEN, sa_type=String, index=True)
    created_at: datetime = created_field()
    closed_at: datetime | None = moment_field()


class CostEntry(SQLModel, table=True):
    """One line of the ledger; never changed, never deleted while its analysis lives."""

    __tablename__ = "cost_entry"
    __table_args__ = (UniqueConstraint("reservation_id"),)

    id: str = id_field()
    workspace_id: str = Field(index=True)
    analysis_id: str = Field(foreign_key="analysis.id", index=True)
    job_id: str = Field(foreign_key="job.id")
    reservation_id: str = Field(foreign_key="reservation.id")
    step: str
    provider: str
    model: str | None = None
    unit: str
    quantity: int
    unit_price_micros_per_million: int = Field(sa_type=BigInteger)
    amount_micros: int = Field(sa_type=BigInteger)
    price_list: str
    created_at: datetime = created_field()
