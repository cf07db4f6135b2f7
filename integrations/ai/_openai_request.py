"""Settings of an OpenAI-compatible endpoint, and a prompt written down for either interface. Pure, no network."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from integrations.contracts import ProviderConfig
from integrations.language_model import Prompt
from integrations.network import origin_of

OPENAI_URL = "https://api.openai.com/v1"
LONGEST_NAME = 100
"""Characters of a model's name that are kept."""

_THINKS_NOT_WHEN_TOLD = re.compile(r"gpt-(5\.[1-9]|[6-9])(?!.*(pro|chat|codex))")
"""Models of OpenAI that take the effort "none"; it came with GPT-5.1, and not to every variant."""


class OpenAIConfig(ProviderConfig):
    """Settings of OpenAI or of a server that speaks like it."""

    base_url: str = Field(
        OPENAI_URL, description="Any server that speaks OpenAI's Responses or Chat Completions, up to and with /v1."
    )
    api_key: SecretStr = SecretStr("")
    model: str = Field(
        "gpt-5.6-luna",
        min_length=1,
        max_length=LONGEST_NAME,
        description="Name of a model that answers in JSON by schema, as the server writes it.",
    )
    api: Literal["", "responses", "chat"] = Field(
        "",
        description="Interface to speak: responses or chat. Empty: responses, and chat where only that turns out to "
        "be known.",
    )
    reasoning: Literal["", "none", "minimal", "low", "medium", "high"] = Field(
        "",
        description="Effort that a reasoning model is asked for; what it thinks is paid as output. Empty: none where "
        "OpenAI's model takes that, and unsaid to all others.",
    )

    input_price: str = Field(
        "",
        description="Dollars for a million tokens of the prompt, 0 where they are free. Empty: from our list, which "
        "knows OpenAI's models only; without a price no model is asked.",
    )
    cached_input_price: str = Field("", description="The same for tokens that the server had in its cache.")
    output_price: str = Field("", description="The same for tokens of the answer.")

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        origin_of(value)
        parts = urlsplit(value)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must be an address such as https://host/v1, without name, password or parameters")
        return value.rstrip("/")

    @property
    def at_openai(self) -> bool:
        """Whether the endpoint is OpenAI's own."""
        return origin_of(self.base_url) == origin_of(OPENAI_URL)

    @property
    def effort(self) -> str:
        """The reasoning effort to ask for; empty when nothing is said about it."""
        if self.reasoning or not self.at_openai:
            return self.reasoning
        return "none" if _THINKS_NOT_WHEN_TOLD.match(self.model) else ""


def responses_call(config: OpenAIConfig, prompt: Prompt) -> dict[str, Any]:
    """Return the arguments of `client.responses.create`: no tools, nothing stored, output bounded."""
    call: dict[str, Any] = {
        "model": config.model,
        "instructions": prompt.instructions,
        "input": prompt.data,
        "text": {"format": {"type": "json_schema", **_form(prompt)}},
        "max_output_tokens": prompt.max_output_tokens,
        "store": False,
    }
    if config.effort:
        call["reasoning"] = {"effort": config.effort}
    return call


def chat_call(config: OpenAIConfig, prompt: Prompt, *, newer_limit: bool) -> dict[str, Any]:
    """Return the arguments of `client.chat.completions.create`.

    Args:
        config: Whom to ask.
        prompt: What to ask.
        newer_limit: Whether the limit of output goes by `max_completion_tokens`, as OpenAI names it now. Many servers
            know `max_tokens` alone, and one that ignores the limit would cost what it likes.
    """
    call: dict[str, Any] = {
        "model": config.model,
        "messages": [
            {"role": "system", "content": prompt.instructions},
            {"role": "user", "content": prompt.data},
        ],
        "response_format": {"type": "json_schema", "json_schema": _form(prompt)},
        "max_completion_tokens" if newer_limit else "max_tokens": prompt.max_output_tokens,
    }
    if config.effort:
        call["reasoning_effort"] = config.effort
    if config.at_openai:
        call["store"] = False  # some servers refuse a parameter that they do not know
    return call


def _form(prompt: Prompt) -> dict[str, Any]:
    return {"name": prompt.name, "schema": dict(prompt.schema), "strict": True}
