"""What it will take, and what it took."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.services.contract.basics import Band, Contract


class EstimateView(Contract):
    """What an analysis will take, as bands, with what they rest on."""

    items: Band
    requests: Band
    minutes: Band
    """Whole minutes, at least one; `seconds` says it finer."""
    seconds: Band | None = None
    """Null in what was estimated before this was told."""
    micros: Band
    assumptions: list[str]
    sources: list[dict[str, Any]] = Field(default_factory=list)
    sample: bool = False


class CostEntryView(Contract):
    """One line of the ledger (or the sum of like lines)."""

    step: str
    provider: str
    model: str | None
    unit: str
    quantity: int
    unit_price_micros_per_million: int
    amount_micros: int
    price_list: str


class CostView(Contract):
    """What it has cost so far against the cap."""

    cap_micros: int
    spent_micros: int
    reserved_micros: int
    estimate: EstimateView | None
    entries: list[CostEntryView]
