"""What calls cost: a dated table in code. Every ledger entry stores the price that it used."""

from __future__ import annotations

from dataclasses import dataclass

from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN

PRICE_LIST = "2026-11"


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit costs."""

    provider: str
    unit: str
    micros_per_million: int
    """Micro-USD for a million units."""
    why: str
    model: str | None = None
    """Name of the model, where a provider has several at different prices."""
    listed: str = PRICE_LIST
    """The list that it stands in."""


_OPENAI = "https://developers.openai.com/api/docs/pricing, standard processing; may have changed since 2026-11"


def model_rows(
    provider: str, model: str, why: str, *, read: int, read_again: int, written: int, listed: str = PRICE_LIST
) -> tuple[Price, Price, Price]:
    """Return the prices of a model, in micro-USD for a million tokens.

    Args:
        provider: Registry id.
        model: Name, as the provider writes it.
        why: Where the prices stand.
        read: Tokens of a prompt.
        read_again: Of a prompt that the provider had in its cache.
        written: Tokens of an answer, with what was thought.
        listed: The list that they stand in.
    """
    return (
        Price(provider, INPUT_TOKEN, read, why, model, listed),
        Price(provider, CACHED_INPUT_TOKEN, read_again, why, model, listed),
        Price(provider, OUTPUT_TOKEN, written, why, model, listed),
    )


PRICES = (
    Price("reddit", "request", 0, "Reddit's data API takes no money within its free limit of 100 requests a minute."),
    Price("youtube", "request", 0, "YouTube's Data API takes no money; it counts units, and gives no more for money."),
    Price("youtube", "quota_unit", 0, "Units are given by the day, 10,000 of them to a new project."),
    Price("hackernews", "request", 0, "The HN Search API takes no money and no key."),
    Price("file", "request", 0, "Nobody is called: the rows lie in the database."),
    Price("sentiment", "request", 0, "A sentiment service of one's own; what it costs is between you and it."),
    Price("local", "item", 0, "The local engine runs on this machine."),
    # Prompts above 272,000 tokens cost twice as much; ours end far below.
    *model_rows("openai", "gpt-5.6-sol", _OPENAI, read=5_000_000, read_again=500_000, written=30_000_000),
    *model_rows("openai", "gpt-5.6-terra", _OPENAI, read=2_000_000, read_again=200_000, written=12_000_000),
    *model_rows("openai", "gpt-5.6-luna", _OPENAI, read=200_000, read_again=20_000, written=1_200_000),
    *model_rows("openai", "gpt-5.4", _OPENAI, read=2_500_000, read_again=250_000, written=15_000_000),
    *model_rows("openai", "gpt-5.4-mini", _OPENAI, read=750_000, read_again=75_000, written=4_500_000),
    *model_rows("openai", "gpt-5", _OPENAI, read=1_250_000, read_again=125_000, written=10_000_000),
    *model_rows("openai", "gpt-5-mini", _OPENAI, read=250_000, read_again=25_000, written=2_000_000),
    *model_rows("openai", "gpt-5-nano", _OPENAI, read=50_000, read_again=5_000, written=400_000),
    *model_rows("openai", "gpt-4.1", _OPENAI, read=2_000_000, read_again=500_000, written=8_000_000),
    *model_rows("openai", "gpt-4.1-mini", _OPENAI, read=400_000, read_again=100_000, written=1_600_000),
    *model_rows("openai", "gpt-4.1-nano", _OPENAI, read=100_000, read_again=25_000, written=400_000),
    *model_rows("openai", "gpt-4o", _OPENAI, read=2_500_000, read_again=1_250_000, written=10_000_000),
    *model_rows("openai", "gpt-4o-mini", _OPENAI, read=150_000, read_again=75_000, written=600_000),
)


def price(provider: str, unit: str, model: str | None = None) -> Price:
    """Return the price of a unit.

    Raises:
        LookupError: The table has none: a paid call without a price must not be made.
    """
    for row in PRICES:
        if (row.provider, row.unit, row.model) == (provider, unit, model):
            return row
    named = f"{provider} ({model})" if model else provider
    raise LookupError(f"The price list {PRICE_LIST} has no price for {unit} at {named}.")
