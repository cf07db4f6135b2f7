"""What a person or a script asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, Field, field_validator, model_validator

from app.core.money import MICROS_PER_DOLLAR
from app.services import time_range
from app.services.contract.basics import Contract, clean_text

MAX_SOURCES = 20


MAX_KEYWORDS = 50


MAX_QUESTION = 500


MAX_CAP_MICROS = 10_000 * MICROS_PER_DOLLAR


class SourceRequest(Contract):
    """One place to listen to: a registry id and the provider's own query."""

    provider: str = Field(min_length=1, max_length=40)
    query: dict[str, Any]

    @field_validator("query")
    @classmethod
    def _words_are_text(cls, query: dict[str, Any]) -> dict[str, Any]:
        for value in query.values():
            if isinstance(value, str) and not value.isprintable():
                raise ValueError("holds a character that no name or search has; remove it")
        return query


DEFAULT_QUESTION = "What do people want?"
"""Asked where a person writes none."""


class NotifyRequest(Contract):
    """How and when to tell the user."""

    email: bool = False
    push: bool = True
    cost_threshold: float = Field(default=0.8, gt=0, le=1)


class AnalysisRequest(Contract):
    """What a person or a script asks for."""

    question: Annotated[str, Field(max_length=MAX_QUESTION), AfterValidator(clean_text)] = DEFAULT_QUESTION
    sources: list[SourceRequest] = Field(min_length=1, max_length=MAX_SOURCES)
    since: AwareDatetime | None = Field(default=None, description=f"Items from then on. {time_range.DEFAULT}")
    until: AwareDatetime | None = Field(default=None, description="Items before then. Left out: up to now.")
    keywords: list[Annotated[str, Field(max_length=100), AfterValidator(clean_text)]] = Field(
        default_factory=list, max_length=MAX_KEYWORDS
    )
    max_items: int | None = Field(default=None, ge=1)
    max_cost_micros: int = Field(default=500_000, ge=0, le=MAX_CAP_MICROS)
    engine: Literal["auto", "local", "model"] = "auto"
    rescore: bool = False
    """Let the model judge anew how those items sound of which the local engine is least sure."""
    notify: NotifyRequest = Field(default_factory=NotifyRequest)

    @model_validator(mode="after")
    def _range_runs_forward(self) -> AnalysisRequest:
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until; swap the two dates")
        return self
