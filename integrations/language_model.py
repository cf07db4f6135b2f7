"""What the product asks of a language model, and what comes back. Adapters live in `integrations/ai/`.

    Prompt ──worst_case──▶ (money held back) ──answer──▶ Answer ──usage──▶ (money written down)

A model is asked for one JSON object at a time. It has no tools, sees no secret, and nothing it answers is believed
before the caller has checked it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Protocol, Self

from integrations.contracts import AuthMethod, Guard, JsonValue, Limits, ProviderConfig
from integrations.errors import ContractChanged

INPUT_TOKEN = "input_token"  # noqa: S105 - a unit of the ledger
CACHED_INPUT_TOKEN = "cached_input_token"  # noqa: S105 - a unit of the ledger
OUTPUT_TOKEN = "output_token"  # noqa: S105 - a unit of the ledger

FRAME_TOKENS = 200
"""What an endpoint may add around a prompt for roles and structure; generous, as it only widens the worst case."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question to a model."""

    name: str
    """Letters, digits and `_`: what the answer is called towards the endpoint (`opportunities`)."""
    instructions: str
    """Our words alone, the same for every call of a kind, so that the endpoint's prompt cache finds them again."""
    data: str
    """What is to be read: foreign text as JSON, never instructions."""
    schema: Mapping[str, JsonValue]
    """JSON Schema of the answer, in the strict subset of structured outputs (all fields required, none additional)."""
    max_output_tokens: int

    def worst_case(self) -> dict[str, int]:
        """Return the most units that one call can take: a token is never shorter than a byte of UTF-8."""
        read = len(self.instructions.encode()) + len(self.data.encode()) + len(str(self.schema).encode())
        return {INPUT_TOKEN: read + FRAME_TOKENS, OUTPUT_TOKEN: self.max_output_tokens}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said, and what saying it took."""

    value: JsonValue
    """The decoded JSON object; its shape is as asked for only when the endpoint keeps its word."""
    model: str
    """As the endpoint names it, bounded in length."""
    usage: Mapping[str, int]
    """Units taken (`input_token` without the cached ones, `cached_input_token`, `output_token`), never more than the
    prompt's worst case, whatever the endpoint claims."""
    reported: bool
    """False when the endpoint did not say what it took, or said something that cannot be: then `usage` is our estimate
    on the high side."""
    seconds: float


class UnusableAnswer(ContractChanged):
    """The endpoint answered, and wants its money for it, but not with the object that was asked for."""

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        usage: Mapping[str, int],
        reported: bool,
        status: int | None = None,
        sample: str | None = None,
    ) -> None:
        """Describe the failure; `usage` and `reported` as in `Answer`."""
        super().__init__(message, provider=provider, status=status, sample=sample)
        self.usage = usage
        self.reported = reported


class LanguageModel(Protocol):
    """An endpoint that answers prompts. Use it as `async with …`."""

    id: ClassVar[str]
    label: ClassVar[str]
    auth: ClassVar[AuthMethod]
    limits: ClassVar[Limits]
    Config: ClassVar[type[ProviderConfig]]
    """Has at least `api_key`, `model` and `base_url`."""

    def __init__(self, config: ProviderConfig, *, guard: Guard | None = None, total_seconds: float = 60.0) -> None:
        """Keep the settings; make no call."""

    @classmethod
    def ready(cls, config: ProviderConfig) -> bool:
        """Return True when `config` holds what real calls need."""

    async def __aenter__(self) -> Self:
        """Open the connections."""

    async def __aexit__(self, *error: object) -> None:
        """Close them."""

    async def answer(self, prompt: Prompt) -> Answer:
        """Ask once: no retry, a total deadline, a cap on what is read, output bounded by the prompt.

        Raises:
            ProviderError: As for every provider; `UnusableAnswer` (a `ContractChanged` that says what it took) when the
                answer is no JSON object: prose, cut short, refused.
        """
