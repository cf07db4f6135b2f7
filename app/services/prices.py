"""What calls cost: a dated table in code. Every ledger entry stores the price that it used."""

from __future__ import annotations

from dataclasses import dataclass

PRICE_LIST = "2026-11"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs."""

    provider: str
    unit: str
    micros_per_million: int
    """Micro-USD for a million units."""
    why: str


PRICES = (
    Price("reddit", "request", 0, "Reddit's data API takes no money within its free limit of 100 requests a minute."),
    Price("youtube", "request", 0, "YouTube's Data API takes no money; it counts units, and gives no more for money."),
    Price("youtube", "quota_unit", 0, "Units are given by the day, 10,000 of them to a new project."),
    Price("hackernews", "request", 0, "The HN Search API takes no money and no key."),
    Price("local", "item", 0, "The local engine runs on this machine."),
)


def price(provider: str, unit: str) -> Price:
    """Return the price of a unit.

    Raises:
        LookupError: The table has none: a paid call without a price must not be made.
    """
    for row in PRICES:
        if (row.provider, row.unit) == (provider, unit):
            return row
    raise LookupError(f"The price list {PRICE_LIST} has no price for {unit} at {provider}.")
