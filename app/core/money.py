"""Money is an integer number of micro-USD (1,000,000 = one dollar). No floats, no other currency."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal, InvalidOperation

MICROS_PER_DOLLAR = 1_000_000


def from_dollars(text: str) -> int:
    """Return the micro-USD that a person's input means (`0.50`, `$1`, `1,000`).

    Raises:
        ValueError: It is not an amount, is negative, or is finer than a micro-dollar.
    """
    try:
        amount = Decimal(text.strip().removeprefix("$").replace(",", ""))
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount of dollars; write it like 0.50.") from error
    if not amount.is_finite() or amount < 0:
        raise ValueError(f"{text!r} is not an amount of dollars; write it like 0.50.")
    micros = amount * MICROS_PER_DOLLAR
    if micros != micros.to_integral_value():
        raise ValueError(f"{text!r} is finer than a millionth of a dollar; round it.")
    return int(micros)


def dollars(micros: int) -> str:
    """Return the amount as people read it: `$0.50`, `$0.0132`, `$1,204.00`, `$0.000004`."""
    amount = Decimal(micros) / MICROS_PER_DOLLAR
    if micros == 0 or abs(micros) >= MICROS_PER_DOLLAR or micros % 10_000 == 0:
        return f"${amount:,.2f}"
    places = 4 if abs(micros) >= 100 else 6
    return f"${amount:,.{places}f}"


def price(quantity: int, micros_per_million: int) -> int:
    """Return what `quantity` units cost at a price per million units, rounded up to a whole micro-dollar."""
    return int((Decimal(quantity) * micros_per_million / 1_000_000).to_integral_value(ROUND_CEILING))
