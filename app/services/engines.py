"""Which engine words the findings of an analysis: a language model as it is set up and priced here, or our own.

auto   the model where one is set up with a price, else the local engine
local  the local engine, free
model  the model; in an analysis of SAMPLE items the sandbox's, where no real one is set up
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from app.core.errors import AppError, InvalidInput, SettingsError
from app.core.money import from_dollars
from app.core.money import price as amount
from app.core.settings import PREFIX, provider_values
from app.services import prices
from app.services.prices import Price
from app.services.providers import ModelSetup, model_setup
from integrations.language_model import CACHED_INPUT_TOKEN, INPUT_TOKEN, OUTPUT_TOKEN, Prompt

UNITS = (INPUT_TOKEN, CACHED_INPUT_TOKEN, OUTPUT_TOKEN)
PRICE_SETTINGS = {
    INPUT_TOKEN: "input_price",
    CACHED_INPUT_TOKEN: "cached_input_price",
    OUTPUT_TOKEN: "output_price",
}
"""Settings of a provider with the dollars for a million units of its model (`ASTERISM_OPENAI_INPUT_PRICE=0.15`)."""

SAMPLE_PRICES = {INPUT_TOKEN: 250_000, CACHED_INPUT_TOKEN: 25_000, OUTPUT_TOKEN: 2_000_000}
"""Made-up money for the sandbox's made-up model, about what a small real one costs, so that caps can be tried."""

BYTES_A_TOKEN = 4
"""What a token of English is long on the whole; the worst case counts one byte."""
ANSWER_SHARE = 0.4
"""How much of the output that it may write a model writes on the whole."""


@dataclass(frozen=True, slots=True)
class ModelEngine:
    """A model that can be asked now, and what asking costs."""

    setup: ModelSetup
    name: str
    """Of the model, as it is shown on what it made."""
    prices: Mapping[str, Price]
    """By unit."""

    @property
    def key(self) -> str:
        """Return the name under which its answers are kept."""
        return f"{'sample' if self.setup.sample else self.setup.id}/{self.name}"

    def worst(self, prompt: Prompt) -> dict[str, int]:
        """Return the most units of each price that a call can take.

        What was in the endpoint's cache is billed as its own unit, each rounded up to a whole micro-dollar: that
        rounding is all that the cached unit adds to the worst case.
        """
        return {CACHED_INPUT_TOKEN: 1, **prompt.worst_case()}

    def worst_micros(self, prompt: Prompt) -> int:
        """Return what a call can cost at most."""
        return sum(self.cost(unit, quantity) for unit, quantity in self.worst(prompt).items())

    def likely_micros(self, prompt: Prompt) -> int:
        """Return what a call costs on the whole."""
        read = prompt.worst_case()[INPUT_TOKEN]
        return self.micros(read / BYTES_A_TOKEN, prompt.max_output_tokens * ANSWER_SHARE)

    def micros(self, read: float, written: float) -> int:
        """Return the price of tokens, none of them from a cache."""
        return self.cost(INPUT_TOKEN, math.ceil(read)) + self.cost(OUTPUT_TOKEN, math.ceil(written))

    def cost(self, unit: str, quantity: int) -> int:
        """Return the price of some units in micro-USD."""
        return amount(quantity, self.prices[unit].micros_per_million)


def model_engine(*, sample: bool = False) -> ModelEngine:
    """Return the model as it can be asked now.

    Args:
        sample: Take the sandbox's made-up model where no real one is set up.

    Raises:
        InvalidInput: It cannot; the sentence says why and what to do.
    """
    try:
        setup = model_setup()
        if setup.problem and sample and setup.sandbox:
            setup = model_setup(sample=True)
    except (AppError, SettingsError) as error:
        raise InvalidInput(str(error), field="engine") from error
    if setup.problem:
        raise InvalidInput(
            f"No model can be asked here: {setup.problem.rstrip('.')}. Or choose the engine auto or local.",
            field="engine",
        )
    name = str(getattr(setup.config, "model", ""))
    return ModelEngine(setup, f"{name} (SAMPLE)" if setup.sample else name, _prices(setup, name))


def for_request(engine: str, *, sample: bool, cap_micros: int) -> ModelEngine | None:
    """Return the model that an analysis would use; None for the local engine.

    Args:
        engine: `auto`, `local` or `model`.
        sample: Whether its items are SAMPLE.
        cap_micros: What it may cost; 0 allows only what is free.

    Raises:
        InvalidInput: A model is asked for by name, and none can be asked here, or not for nothing.
    """
    if engine == "local":
        return None
    try:
        found = model_engine(sample=sample and engine == "model")
    except InvalidInput:
        if engine == "model":
            raise
        return None
    if cap_micros > 0 or not any(listed.micros_per_million for listed in found.prices.values()):
        return found
    if engine == "model":
        raise InvalidInput(
            f"{found.setup.label} is paid by the token, and a cap of $0 allows only what is free; raise the cap, or "
            "choose the engine local.",
            field="max_cost_micros",
        )
    return None


def described(engine: ModelEngine) -> str:
    """Say in a sentence which model it is and how it is paid."""
    if engine.setup.sample:
        return "The sandbox's made-up model reads SAMPLE items for made-up money; no key is set."
    return f"{engine.name} at {engine.setup.label} reads a sample of each topic, paid by the token up to your cap."


def why_no_model(*, sample: bool = False) -> str:
    """Return why no model can be asked here, as a sentence; empty when one can."""
    try:
        model_engine(sample=sample)
    except InvalidInput as error:
        return error.message
    return ""


def _prices(setup: ModelSetup, model: str) -> dict[str, Price]:
    """Return the price of each unit: from the settings, else from the table, which knows OpenAI's own address only.

    Raises:
        InvalidInput: There is none, so that no cap could hold.
    """
    if setup.sample:
        return {
            unit: Price(setup.id, unit, micros, "Made-up money.", f"{model} (SAMPLE)", "SAMPLE")
            for unit, micros in SAMPLE_PRICES.items()
        }
    values = provider_values(setup.id)
    own = {unit: values[name] for unit, name in PRICE_SETTINGS.items() if name in values}
    if INPUT_TOKEN in own and OUTPUT_TOKEN in own:
        own.setdefault(CACHED_INPUT_TOKEN, own[INPUT_TOKEN])
        return {unit: _own_price(setup, unit, model, own[unit]) for unit in UNITS}
    default = type(setup.config).model_fields["base_url"].get_default()
    if setup.config.base_url == default:
        for known in _spellings(model):
            try:
                return {unit: prices.price(setup.id, unit, known) for unit in UNITS}
            except LookupError:
                continue
    needed = [f"{PREFIX}{setup.id}_{PRICE_SETTINGS[unit]}".upper() for unit in (INPUT_TOKEN, OUTPUT_TOKEN)]
    raise InvalidInput(
        f"Nothing is known of the price of the model {model!r} at {setup.config.base_url}, so that no cap could hold; "
        f"set {needed[0]} and {needed[1]} in dollars for a million tokens (0 where it is free), or choose the engine "
        "local.",
        field="engine",
    )


def _own_price(setup: ModelSetup, unit: str, model: str, dollars: str) -> Price:
    try:
        micros = from_dollars(dollars)
    except ValueError as error:
        name = f"{PREFIX}{setup.id}_{PRICE_SETTINGS[unit]}".upper()
        raise InvalidInput(f"{name} is wrong: {error}", field="engine") from error
    return Price(setup.id, unit, micros, "From the settings of this installation.", model, "your settings")


def _spellings(model: str) -> list[str]:
    """Return the names under which the table may know a model: a dated copy costs what its model costs."""
    parts = model.rsplit("-", 3)
    dated = len(parts) == 4 and all(part.isdigit() for part in parts[1:])
    return [model, parts[0]] if dated else [model]
